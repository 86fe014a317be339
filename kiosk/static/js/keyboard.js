// The on-screen keyboard: pinyin with candidates from the server, Latin letters, digits. The keys are
// simple-keyboard's; what they do is here.
import { onScreen, post, screen } from "./page.js";

const LETTERS = ["1 2 3 4 5 6 7 8 9 0", "q w e r t y u i o p", "a s d f g h j k l {bksp}", "{lang} z x c v b n m ， 。", "{hide} {space} {done}"];
const DIGITS = ["1 2 3", "4 5 6", "7 8 9", "- 0 {bksp}", "{hide} {done}"];

let keys = null;
let field = null;
let isPinyin = true;
let typed = ""; // letters that are not yet characters
let candidates = [];
let isFresh = true; // whether the candidates are those of all that is typed
let wanted = null; // which of them was chosen before they came
let lookUp = null;

const panel = () => document.getElementById("keyboard");

function insert(text) {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function erase() {
  const [start, end] = [field.selectionStart, field.selectionEnd];
  if (start === end && start > 0) field.setRangeText("", start - 1, end, "end");
  else field.setRangeText("", start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function showCandidates() {
  const bar = panel().querySelector(".candidates");
  bar.replaceChildren();
  const word = document.createElement("span");
  word.className = typed ? "typed" : "tip";
  word.textContent = typed || (isPinyin ? panel().dataset.hint : "");
  bar.append(word);
  for (const candidate of typed ? candidates : []) {
    const choice = document.createElement("button");
    choice.type = "button";
    choice.lang = "zh-CN";
    choice.textContent = candidate.text;
    choice.addEventListener("click", () => pick((shown) => shown.find((one) => one.text === candidate.text)));
    bar.append(choice);
  }
  bar.scrollLeft = 0;
}

function take(candidate) {
  insert(candidate.text);
  compose(typed.slice(candidate.letters));
}

/** Take a candidate; on a slow line wait for those of the last letters, or a word would take too few of them. */
function pick(choose) {
  wanted = choose;
  if (!isFresh) return;
  wanted = null;
  const candidate = choose(candidates);
  if (candidate) take(candidate);
}

async function compose(letters) {
  typed = letters;
  isFresh = !letters;
  wanted = null;
  lookUp?.abort();
  if (!typed) {
    candidates = [];
    return showCandidates();
  }
  lookUp = new AbortController();
  const { signal } = lookUp;
  showCandidates();
  try {
    const answer = await post("/kiosk/candidates", { letters }, signal);
    const found = answer.ok ? await answer.json() : { candidates: [] };
    if (signal.aborted) return;
    candidates = found.candidates;
  } catch {
    if (signal.aborted) return;
    candidates = []; // the letters themselves can still be taken with the space key
  }
  isFresh = true;
  showCandidates();
  if (wanted) pick(wanted);
}

function done() {
  if (typed) return pick(first);
  const { form } = field;
  const next = [...form.querySelectorAll("[data-keyboard]")].find((other) => !other.value.trim());
  if (next && next !== field) return next.focus();
  hide();
  if (form.reportValidity()) form.requestSubmit();
}

const first = (shown) => shown[0] ?? { text: typed, letters: typed.length };

function press(key) {
  if (!field) return;
  if (key === "{bksp}") return typed ? compose(typed.slice(0, -1)) : erase();
  if (key === "{hide}") return hide();
  if (key === "{done}") return done();
  if (key === "{space}") return typed ? pick(first) : insert(" ");
  if (key === "{lang}") {
    isPinyin = !isPinyin;
    if (typed) { insert(typed); compose(""); }
    draw();
    return showCandidates();
  }
  if (/^[a-z]$/.test(key) && isPinyin) return compose(typed + key);
  if (/^[1-9]$/.test(key) && typed && candidates[key - 1]) return pick((shown) => shown[key - 1]);
  if (typed) take(first(candidates));
  insert(key);
}

function draw() {
  const { dataset } = panel();
  const onlyDigits = field.dataset.keyboard === "digits";
  panel().classList.toggle("digits", onlyDigits);
  const options = {
    layout: { default: onlyDigits ? DIGITS : LETTERS },
    display: {
      "{bksp}": dataset.delete, "{hide}": dataset.close, "{done}": dataset.done, "{space}": dataset.space,
      "{lang}": isPinyin ? dataset.latin : dataset.pinyin,
    },
    buttonTheme: [
      { class: "key-wide", buttons: "{bksp} {hide} {lang} {space}" },
      { class: "key-space", buttons: "{space}" },
      { class: "key-done", buttons: "{done}" },
    ],
    mergeDisplay: true,
    useButtonTag: true,
    disableButtonHold: true,
    preventMouseDownDefault: true,
    physicalKeyboardHighlight: false,
    onKeyPress: press,
  };
  if (keys) keys.setOptions(options);
  else keys = new window.SimpleKeyboard.default(panel().querySelector(".keys"), options);
}

function show(target) {
  if (!window.SimpleKeyboard) return;
  if (field !== target) compose("");
  field = target;
  if (document.documentElement.lang === "en" && panel().hidden) isPinyin = false;
  panel().hidden = false;
  document.documentElement.classList.add("typing");
  draw();
  showCandidates();
  target.scrollIntoView({ block: "nearest" });
}

function hide() {
  panel().hidden = true;
  document.documentElement.classList.remove("typing");
  compose("");
  field = null;
  isPinyin = true;
}

/** Whether a touch belongs to typing. The path is asked, since a key that redraws the keyboard is gone by now. */
function isNearKeyboard(event) {
  const near = "#keyboard, [data-keyboard], .search, .field, .actions, dialog";
  return event.composedPath().some((element) => element.matches?.(near));
}

function openWhereAsked() {
  hide();
  // Without this keyboard the machine's own has to come.
  if (window.SimpleKeyboard) for (const one of document.querySelectorAll("[data-keyboard]")) one.inputMode = "none";
  const first = screen().querySelector("[data-open]");
  if (first) first.focus({ preventScroll: true });
}

export function startKeyboard() {
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("[data-keyboard]")) show(event.target);
  });
  document.addEventListener("pointerdown", (event) => {
    // Touching a field that has the focus already brings a hidden keyboard back.
    if (event.target.matches?.("[data-keyboard]") && panel().hidden) show(event.target);
    else if (!panel().hidden && !isNearKeyboard(event)) hide();
  });
  // A tap on the panel must not take the focus from the field.
  panel().addEventListener("pointerdown", (event) => { if (!event.target.closest(".candidates button")) event.preventDefault(); });
  onScreen(openWhereAsked);
  document.addEventListener("kiosk:end", hide);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-ask-again]")) return;
    // Home comes with the keyboard open.
    document.addEventListener("kiosk:screen", () => document.getElementById("question")?.focus(), { once: true });
  });
}
