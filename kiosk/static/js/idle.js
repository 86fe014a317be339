// Nobody there any more: ask, count down, then end the session, so that the next visitor finds nothing.
import { endSession, onScreen, post, screen } from "./page.js";

const KEEP_ALIVE_MS = 30000;

export function startIdleTimer() {
  let timer = 0;
  let countdown = 0;
  let isUsed = false;
  let toldAt = Date.now();
  let isOver = false;

  const dialog = () => document.getElementById("idle");

  const wait = () => {
    clearTimeout(timer);
    clearInterval(countdown);
    // An untouched first screen has nothing to forget.
    if (screen().classList.contains("home") && screen().dataset.untouched === "yes" && !isUsed) return;
    timer = setTimeout(ask, Number(screen().dataset.idleSeconds) * 1000);
  };

  const ask = () => {
    let left = Number(screen().dataset.warnSeconds);
    const words = dialog().querySelector("p");
    const show = () => { words.textContent = words.dataset.template.replace("{seconds}", String(Math.ceil(left))); };
    show();
    document.getElementById("failure").close();
    dialog().showModal();
    const step = Math.min(1, left);
    countdown = setInterval(() => {
      left -= step;
      if (left > 0) return show();
      clearInterval(countdown);
      endSession();
    }, step * 1000);
  };

  const touched = () => {
    isUsed = true;
    if (isOver || dialog().open) return;
    wait();
    if (Date.now() - toldAt > KEEP_ALIVE_MS) {
      toldAt = Date.now();
      post("/kiosk/stay").catch(() => {});
    }
  };

  for (const sign of ["pointerdown", "keydown", "wheel", "scroll", "input"]) {
    document.addEventListener(sign, touched, { capture: true, passive: true });
  }
  document.addEventListener("cancel", (event) => event.preventDefault(), true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) {
      dialog().close();
      touched();
      post("/kiosk/stay").catch(() => {});
    } else if (event.target.closest("[data-end]")) {
      endSession();
    }
  });
  document.addEventListener("kiosk:end", () => {
    isOver = true;
    clearTimeout(timer);
    clearInterval(countdown);
  });
  // Reading aloud is use: the visitor listens.
  document.addEventListener("kiosk:listening", touched);
  onScreen(wait);
  // A page that the browser brings back from memory is an ended session's.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
