// The chat page: sends turns to /api/chat and shows the replies. Nothing is kept but the conversation's id.
import { showReply, words } from "./reply.js";

const TIMEOUT_MS = 30000;
const LATE_EVERY_MS = 5000;
const PROMISED_EVERY_MS = 1000;
const LATE_FOR_MS = 10 * 60 * 1000;
// News of a case may come in days: whoever has the page open hears of it within a minute.
const NEWS_EVERY_MS = 60 * 1000;
const KEY = "linli-conversation";
const LATE_KEY = "linli-newest-late";

const log = document.getElementById("log");
const typing = document.getElementById("typing");
const form = document.getElementById("ask");
const text = document.getElementById("text");

let isWaiting = false;
let newestLate = Number(sessionStorage.getItem(LATE_KEY)) || 0;
// Turns that were answered with a promise: the real reply is asked for each second until it is there.
const promised = new Set();
let lastTurnAt = 0;
let isFetching = false;
let lastFetchAt = 0;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function conversation() {
  let id = sessionStorage.getItem(KEY);
  if (!id) {
    id = newId();
    sessionStorage.setItem(KEY, id);
  }
  return id;
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw Object.assign(new Error(`answered ${answer.status}`), { status: answer.status });
  return answer.json();
}

function append(element) {
  log.append(element);
  log.scrollTop = log.scrollHeight;
  // A long answer is read from its beginning.
  if (element.offsetHeight > log.clientHeight) log.scrollTop = element.offsetTop - 8;
}

function showMine(said) {
  const message = document.createElement("article");
  message.className = "message mine";
  const who = document.createElement("p");
  who.className = "unseen";
  who.textContent = words.you;
  const what = document.createElement("p");
  what.textContent = said;
  message.append(who, what);
  append(message);
}

function showFailure(turn, status) {
  const message = document.createElement("article");
  message.className = "message failed";
  const sentence = document.createElement("p");
  sentence.textContent = { 409: words.choiceGone, 413: words.tooLong, 429: words.failedLater }[status] ?? words.failed;
  message.append(sentence);
  if (status !== 409 && status !== 413) {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = words.retry;
    again.addEventListener("click", () => {
      if (isWaiting) return;
      message.remove();
      take(turn);
    });
    message.append(again);
  }
  append(message);
}

/** Send one turn. The same `message_id` goes with every try, so a turn that did arrive is not taken twice. */
async function take(turn) {
  isWaiting = true;
  typing.hidden = false;
  log.scrollTop = log.scrollHeight;
  try {
    const reply = await post("/api/chat", turn);
    lastTurnAt = Date.now();
    if (reply.late) promised.add(reply.turn);
    show(reply);
  } catch (error) {
    showFailure(turn, error.status);
  } finally {
    isWaiting = false;
    typing.hidden = true;
  }
}

function send(fields, said) {
  if (isWaiting) return;
  for (const old of log.querySelectorAll(".choices .choice, .examples .choice")) old.disabled = true;
  showMine(said);
  take({ conversation: conversation(), message_id: newId(), locale: words.locale, ...fields });
}

function rate(turn, fields) {
  return post("/api/feedback", { conversation: conversation(), turn, ...fields });
}

function show(reply) {
  if (reply.decision === "silent") return;
  append(showReply(reply, { choose: (choice) => send({ choice: choice.id }, choice.label), rate }));
}

async function fetchLate() {
  // Not twice at a time: what both bring would be shown twice.
  if (document.hidden || isWaiting || isFetching || !sessionStorage.getItem(KEY)) return;
  const isQuiet = Date.now() - lastTurnAt > LATE_FOR_MS;
  if (isQuiet && Date.now() - lastFetchAt < NEWS_EVERY_MS) return;
  isFetching = true;
  lastFetchAt = Date.now();
  try {
    const query = new URLSearchParams({ conversation: conversation(), after: String(newestLate) });
    const answer = await fetch(`/api/chat/replies?${query}`, { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) return;
    for (const reply of (await answer.json()).replies) {
      newestLate = Math.max(newestLate, reply.id);
      sessionStorage.setItem(LATE_KEY, String(newestLate));
      promised.delete(reply.turn);
      show(reply);
    }
  } catch {
    // Asked again in a moment; nothing that the resident waits for is lost.
  } finally {
    isFetching = false;
  }
}

function grow() {
  text.rows = 1;
  while (text.scrollHeight > text.clientHeight + 2 && text.rows < 5) text.rows += 1;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said || isWaiting) return text.focus();
  text.value = "";
  grow();
  send({ text: said }, said);
  text.focus();
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  // Enter sends; while an input method is composing it belongs to the input method.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.getElementById("person").addEventListener("click", (event) => {
  const said = event.currentTarget.dataset.words;
  send({ text: said }, event.currentTarget.textContent);
});
document.getElementById("clear").addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(LATE_KEY);
  location.reload();
});
for (const example of document.querySelectorAll("[data-example]")) {
  example.addEventListener("click", () => send({ text: example.textContent }, example.textContent));
}
document.addEventListener("visibilitychange", fetchLate);
setInterval(fetchLate, LATE_EVERY_MS);
setInterval(() => promised.size && fetchLate(), PROMISED_EVERY_MS);
fetchLate();
