/* The guide pages: rows that are added and moved, drafts saved while they are typed, previews, arrow keys. */
import "./sheets.js";

/* ---- lists: up and down go from guide to guide */
for (const table of document.querySelectorAll("[data-arrows]")) {
  const links = [...table.querySelectorAll("tbody th a")];
  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = links[links.indexOf(document.activeElement) + (step ?? 0)];
    if (step && next && links.includes(document.activeElement)) { event.preventDefault(); next.focus(); }
  });
}
document.addEventListener("keydown", (event) => {
  const first = document.querySelector("[data-arrows] tbody th a");
  if (event.key === "ArrowDown" && first && event.target.matches?.("[type=search], body")) { event.preventDefault(); first.focus(); }
});
/* A filter is applied when it is chosen. */
for (const select of document.querySelectorAll(".finder select")) select.addEventListener("change", () => select.form.requestSubmit());

/* ---- previews */
for (const box of document.querySelectorAll("[data-previews]")) {
  const buttons = box.querySelectorAll("[data-door]");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
    });
  }
}
function refreshPreviews() {
  for (const frame of document.querySelectorAll("[data-frame] iframe")) {
    const address = new URL(frame.src);
    address.searchParams.set("at", Date.now());
    frame.src = address;
  }
}

/* ---- long acts: how far they have come, then what they found */
for (const form of document.querySelectorAll("[data-weigh]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const place = document.getElementById(form.dataset.weigh);
    const button = form.querySelector("button");
    button.disabled = true;
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", "正在比");
    const words = Object.assign(document.createElement("p"), { textContent: "正在比，大约要几秒…" });
    place.replaceChildren(words, bar);
    try {
      const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
      const answer = await fetch(address, { headers: { Accept: "application/x-ndjson" }, redirect: "manual" });
      if (!answer.ok) throw new Error("refused");
      await lines(answer, (line) => {
        if (line.share !== undefined) bar.value = line.share;
        if (line.failed) words.textContent = line.failed;
        if (line.failed) bar.remove();
        if (line.html) place.innerHTML = line.html;
      });
    } catch {
      words.textContent = "没有比成：登录可能已经结束，或者连不上服务器。请刷新这一页再试。";
      bar.remove();
    }
    button.disabled = false;
  });
}
async function lines(answer, take) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const parts = rest.split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) take(JSON.parse(part));
    if (done) return;
  }
}

/* ---- the form */
const form = document.getElementById("guide-form");
if (form) editing(form);

function editing(form) {
  form.classList.add("scripted");
  const spares = new Map();
  for (const group of form.querySelectorAll("[data-rows]")) {
    const spare = group.querySelector("[data-spare]");
    spares.set(group, spare.querySelector("[data-entry]"));
    spare.remove();
    group.querySelector("[data-add]").hidden = false;
    number(group);
  }

  function entries(group) { return [...group.querySelectorAll("[data-list] > [data-entry]")]; }

  /* Rows are named by their place: the order of the form is the order of the guide. */
  function number(group) {
    const name = group.dataset.rows;
    const pattern = new RegExp(`^${name}\\.\\d+\\.`);
    entries(group).forEach((entry, at) => {
      for (const field of entry.querySelectorAll("[name], [id], [for], [data-error], [aria-describedby]")) {
        for (const attribute of ["name", "id", "for", "data-error"]) {
          const value = field.getAttribute(attribute);
          if (value && pattern.test(value)) field.setAttribute(attribute, value.replace(pattern, `${name}.${at}.`));
        }
        const described = field.getAttribute("aria-describedby");
        if (described) field.setAttribute("aria-describedby", described.split(" ").map((one) => one.replace(pattern, `${name}.${at}.`)).join(" "));
        if (field.name === "row") field.value = `${name}.${at}.${field.dataset.act}`;
      }
      const count = entry.querySelector("[data-count]");
      count.dataset.one ??= count.textContent;
      count.textContent = `${count.dataset.one} ${at + 1}`;
    });
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-act]");
    if (!button) return;
    event.preventDefault();
    const group = button.closest("[data-rows]");
    const entry = button.closest("[data-entry]");
    let focus = button;
    if ("add" in button.dataset) {
      const made = spares.get(group).cloneNode(true);
      group.querySelector("[data-list]").append(made);
      focus = made.querySelector("input, select");
    } else if (button.dataset.act === "remove") {
      const next = entry.nextElementSibling ?? entry.previousElementSibling;
      entry.remove();
      focus = next?.querySelector("input, select") ?? group.querySelector("[data-add]");
    } else if (button.dataset.act === "up") entry.previousElementSibling?.before(entry);
    else entry.nextElementSibling?.after(entry);
    number(group);
    if (getComputedStyle(focus).visibility === "hidden") focus = entry.querySelector("input");
    focus.focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* ---- saved while it is typed */
  const state = document.getElementById("save-state");
  let timer = null, running = null, again = false, leaving = false, ended = false;
  const RESTS_MS = Number(form.dataset.rest ?? 2500);

  form.addEventListener("input", (event) => {
    if (event.target.name === "note") return;
    say("有改动，马上存…");
    clearTimeout(timer);
    timer = setTimeout(save, RESTS_MS);
  });

  function say(words, failed = false) {
    if (state.textContent !== words) state.textContent = words;
    state.classList.toggle("failed", failed);
  }

  function save() {
    clearTimeout(timer);
    timer = null;
    if (running) { again = true; return running; }
    running = post().finally(() => {
      running = null;
      if (again && !leaving) { again = false; return save(); }
    });
    return running;
  }

  async function post() {
    say("正在存…");
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content },
        body: new URLSearchParams(new FormData(form)),
        redirect: "manual",
      });
    } catch {
      timer = setTimeout(save, 4 * RESTS_MS);
      return say("没有存上：连不上服务器。内容还在这一页，稍后会再试。", true);
    }
    if (answer.status === 409) { leaving = true; return form.submit(); } /* the page that shows both versions */
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      ended = true;
      return say("登录已经结束，没有存上。按“存草稿”重新登录，内容会放回来。", true);
    }
    ended = false;
    if (!answer.ok) return say("没有存上。内容还在这一页，请按“存草稿”再试。", true);
    const saved = await answer.json();
    for (const holder of [form, ...form.querySelectorAll("[formaction]")]) {
      const name = holder === form ? "action" : "formaction";
      const address = new URL(holder.getAttribute(name), location.href);
      address.searchParams.set("version", saved.version);
      holder.setAttribute(name, address.pathname + address.search);
    }
    tell(saved);
    if (!timer) say(saved.words);
    refreshPreviews();
  }

  function tell(saved) {
    for (const place of form.querySelectorAll("[data-error]")) { place.hidden = true; place.textContent = ""; }
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const box of form.querySelectorAll(".wrong")) box.classList.remove("wrong");
    const list = document.getElementById("problem-list");
    list.replaceChildren();
    for (const problem of saved.problems) {
      const place = form.querySelector(`[data-error="${CSS.escape(problem.control)}"]`);
      if (place) {
        place.textContent = [place.textContent, problem.words].filter(Boolean).join(" ");
        place.hidden = false;
        place.closest(".field")?.classList.add("wrong");
      }
      document.getElementById(problem.control)?.setAttribute("aria-invalid", "true");
      const line = document.createElement("li"), link = document.createElement("a");
      link.href = `#${problem.control}`;
      link.textContent = problem.label;
      line.append(link, `：${problem.words}`);
      list.append(line);
    }
    document.querySelector("#problem-summary strong").textContent = saved.summary;
  }

  /* "Save" saves without leaving the page; once the session has ended it goes the long way, by signing in.
     What is being saved must be there before the page goes on with an older version. */
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if ((event.submitter?.id ?? "save") === "save" && !ended) {
      event.preventDefault();
      event.stopImmediatePropagation();
      save();
      return;
    }
    if (!running) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    again = false;
    running.then(() => form.requestSubmit(submitter ?? undefined));
  }, { capture: true });
  document.getElementById("note").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    form.requestSubmit(form.querySelector("[data-submit]"));
  });
  /* What came back after signing in again is not saved yet. */
  if (document.getElementById("kept-note")) form.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("problem-list").addEventListener("click", (event) => {
    const target = event.target.closest("a") && document.getElementById(event.target.closest("a").hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
    (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea, button"))?.focus();
  });
}
