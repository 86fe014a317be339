// One reply as a message: its blocks, its source and date, its choices, and a rating. Text only ever goes in as text.

export const words = document.getElementById("words").dataset;

function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== "" && child != null));
  return element;
}

function line(item) {
  const parts = [item.label ? make("strong", "", `${item.label} `) : "", item.text];
  if (item.badge) parts.push(" ", make("span", "badge", item.badge));
  if (item.note && item.note !== item.badge) parts.push(" ", make("small", "", item.note));
  return parts;
}

function material(item) {
  if (item.tick) return make("li", "", ...line(item));
  return make("li", "", item.text, " ", make("span", "badge green", words.fetched));
}

function pairs(block, className) {
  const rows = block.items.map((item) => make("div", "", make("dt", "", item.label), make("dd", "", item.text, item.note ? make("small", "", ` ${item.note}`) : "")));
  return make("dl", className, ...rows);
}

function source(block) {
  const link = /^https?:\/\//.test(block.url) ? Object.assign(make("a", "", block.text), { href: block.url, target: "_blank", rel: "noopener noreferrer" }) : block.text;
  const date = block.date && !block.text.includes(block.date) ? ` · ${words.sourceDated} ${block.date}` : "";
  return [words.locale === "en" ? `${words.source}: ` : `${words.source}：`, link, date];
}

const SHOWN = {
  text: (block) => make("p", "", block.text),
  list: (block) => make("section", "", block.title ? make("h3", "", block.title) : "", block.text ? make("p", "", block.text) : "", make("ol", "", ...block.items.map((item) => make("li", "", ...line(item))))),
  materials: (block) => make("section", "", block.title ? make("h3", "", block.title) : "", make("ul", "", ...block.items.map(material))),
  facts: (block) => make("section", "", block.title ? make("h3", "", block.title) : "", pairs(block, "")),
  notice: (block) => make("p", "caution", block.text),
  receipt: (block) => make("section", "", block.title ? make("h3", "", block.title) : "", pairs(block, "receipt"), block.text ? make("p", "", block.text) : ""),
};

function sources(reply) {
  const lines = reply.blocks.filter((block) => block.kind === "source").map((block) => make("span", "", ...source(block), make("br")));
  const state = reply.guide ? (reply.guide.verified_on ? `${reply.guide.verified_on} ${words.verified}` : words.notVerified) : "";
  return lines.length || state ? make("p", "source", ...lines, state) : "";
}

function choices(reply, choose) {
  if (!reply.choices.length) return "";
  const buttons = reply.choices.filter((choice) => choice.id).map((choice) => {
    const button = make("button", "choice", choice.label, choice.note ? make("small", "", choice.note) : "");
    button.type = "button";
    button.addEventListener("click", () => choose(choice));
    return button;
  });
  const group = make("div", "choices", ...buttons);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.choose);
  return group;
}

function rating(reply, rate) {
  if (!reply.turn || !["answer", "clarify", "decline"].includes(reply.decision)) return "";
  const box = make("div", "rating");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.rate);
  const status = make("span", "");
  status.setAttribute("role", "status");
  const ask = (question, answers) => {
    box.replaceChildren(make("span", "", question), ...answers.map(([label, act]) => {
      const button = make("button", "", label);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }), status);
  };
  const keep = async (fields, then) => {
    status.textContent = "";
    try {
      await rate(reply.turn, fields);
      then();
    } catch {
      status.textContent = words.rateFailed;
    }
  };
  const thank = () => {
    box.replaceChildren(status);
    status.textContent = words.rated;
  };
  const reasons = [words.reasonWrong, words.reasonOff, words.reasonOld, words.reasonUnclear];
  ask(words.rate, [
    [words.rateYes, () => keep({ helpful: true }, thank)],
    [words.rateNo, () => keep({ helpful: false }, () => {
      ask(words.rateWhy, reasons.map((reason) => [reason, () => keep({ helpful: false, reason }, thank)]));
      box.querySelector("button").focus();
    })],
  ]);
  return box;
}

/** Return the guide's title; in English with the official name below it. */
function heading(guide) {
  if (words.locale !== "en" || !guide.english_title) return [make("h2", "", guide.title)];
  const official = make("p", "note", guide.title);
  official.lang = "zh-CN";
  return [make("h2", "", guide.english_title), official];
}

/** Return the message element of a reply. `choose(choice)` and `rate(turn, fields)` act on it. */
export function showReply(reply, { choose, rate }) {
  const message = make("article", `message reply ${reply.decision === "emergency" ? "emergency" : ""}`);
  message.append(make("p", "unseen", words.assistant));
  if (reply.guide) message.append(...heading(reply.guide));
  reply.blocks.forEach((block, position) => {
    if (block.kind === "source" || !SHOWN[block.kind]) return;
    const shown = SHOWN[block.kind](block);
    if (position === 0 && block.kind === "text") shown.classList.add("lead");
    message.append(shown);
  });
  for (const part of [sources(reply), choices(reply, choose), rating(reply, rate)]) if (part) message.append(part);
  return message;
}
