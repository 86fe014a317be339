// Reading a screen aloud: play, pause, slower. The server says what is read; this plays it.
import { onScreen, post, screen } from "./page.js";

const LOUDNESS = [0, 0.35, 0.65, 1];
const sound = new Audio();
let button = null; // the one whose text is loaded
let chosen = null; // the pace of the button; null: the visit's, which the visitor may change in words
let seen = null; // the visit's pace when the button was touched
let asked = 0;

function pace() {
  const ofVisit = screen().dataset.pace;
  if (ofVisit !== seen) chosen = null;
  return chosen ?? ofVisit;
}

function label(key) {
  const words = button?.querySelector("[data-label]");
  if (words) words.textContent = button.dataset[key];
  button?.classList.toggle("is-playing", key === "pause");
}

function stop() {
  asked += 1;
  sound.pause();
  sound.removeAttribute("src");
  label("play");
  button = null;
}

function say(words) {
  const status = document.querySelector(".speech-status");
  if (status) status.textContent = words;
}

async function read(from) {
  const mine = ++asked;
  button = from;
  say("");
  try {
    const answer = await post("/kiosk/speak", { of: from.dataset.speak, rate: pace() });
    if (!answer.ok) throw new Error(`no sound: ${answer.status}`);
    const { url } = await answer.json();
    if (mine !== asked) return; // the screen has changed meanwhile
    sound.src = url;
    sound.volume = LOUDNESS[Number(screen().dataset.volume)];
    await sound.play();
  } catch (error) {
    if (mine !== asked || error.name === "AbortError") return;
    label("play");
    // Without a touch the browser may refuse to play: then the button is the way, and nothing is wrong.
    if (error.name !== "NotAllowedError") say(from.dataset.failed ?? "");
  }
}

function toggle(from) {
  if (button === from && sound.src) {
    if (sound.paused) sound.play();
    else sound.pause();
    return;
  }
  stop();
  read(from);
}

function showPace(from) {
  const isSlow = pace() === "slow";
  from.querySelector("[data-label]").textContent = isSlow ? from.dataset.normal : from.dataset.slow;
  from.setAttribute("aria-pressed", String(isSlow));
}

function changePace(from) {
  chosen = pace() === "slow" ? "normal" : "slow";
  seen = screen().dataset.pace;
  showPace(from);
  const reader = document.querySelector("button[data-speak]");
  stop();
  if (reader) read(reader);
}

export function startReading() {
  sound.addEventListener("play", () => label("pause"));
  sound.addEventListener("pause", () => label(sound.ended ? "play" : "resume"));
  sound.addEventListener("ended", () => label("play"));
  sound.addEventListener("timeupdate", () => document.dispatchEvent(new CustomEvent("kiosk:listening")));
  sound.addEventListener("error", () => { if (sound.src) { label("play"); say(button?.dataset.failed ?? ""); } });
  document.addEventListener("click", (event) => {
    const reader = event.target.closest("button[data-speak]");
    const slower = event.target.closest("[data-slower]");
    if (reader) toggle(reader);
    else if (slower) changePace(slower);
  });
  document.addEventListener("kiosk:leave", stop);
  document.addEventListener("kiosk:end", () => { chosen = null; stop(); });
  onScreen(() => {
    sound.volume = LOUDNESS[Number(screen().dataset.volume)];
    const slower = document.querySelector("[data-slower]");
    if (slower) showPace(slower);
    const waiting = document.querySelector("[data-autoplay]");
    if (waiting) read(waiting);
  });
}
