// Changing screens: something is seen at once after a touch, and a failure offers another try.
import { endSession, loadFirstScreen, screen } from "./page.js";

const LONG_WAIT_MS = 6000;
let last = null; // the element whose request failed
let longWait = 0;
let kept = { path: "", top: 0 };

function showWaiting() {
  const veil = document.getElementById("waiting");
  veil.hidden = false;
  clearTimeout(longWait);
  longWait = setTimeout(() => {
    const words = veil.querySelector("p");
    words.textContent = words.dataset.long;
  }, LONG_WAIT_MS);
}

function hideWaiting() {
  clearTimeout(longWait);
  document.getElementById("waiting")?.setAttribute("hidden", "");
}

function showFailure() {
  hideWaiting();
  const dialog = document.getElementById("failure");
  if (!dialog.open) dialog.showModal();
}

function adoptLook() {
  const shown = screen();
  document.documentElement.lang = shown.dataset.lang;
  document.documentElement.className = shown.dataset.look.trim();
  document.documentElement.classList.remove("typing");
  const content = document.getElementById("main");
  // The same screen again (a rating, larger type): the visitor stays where he was reading.
  if (kept.path === shown.dataset.path) content.scrollTop = kept.top;
  if (document.activeElement === document.body) content.focus({ preventScroll: true });
}

function retry() {
  document.getElementById("failure").close();
  if (!last?.isConnected) return loadFirstScreen();
  if (last.matches("form")) last.requestSubmit(last.querySelector("button:not([type=button])"));
  else last.click();
}

export function startScreens() {
  document.addEventListener("htmx:before:request", (event) => {
    last = event.detail.ctx.sourceElement;
    kept = { path: screen().dataset.path, top: document.getElementById("main").scrollTop };
    document.dispatchEvent(new CustomEvent("kiosk:leave"));
    showWaiting();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    // An answer that is no screen (a proxy's page, a server that is going down) must not blank this one.
    if (!event.detail.ctx.text.includes('id="screen"')) {
      event.preventDefault();
      showFailure();
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    adoptLook();
    document.dispatchEvent(new CustomEvent("kiosk:screen"));
  });
  document.addEventListener("htmx:error", showFailure);
  document.addEventListener("htmx:finally:request", hideWaiting);
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== "/kiosk/end") return;
    event.preventDefault();
    event.stopPropagation();
    showWaiting();
    endSession();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) retry();
    else if (event.target.closest("[data-dismiss]")) document.getElementById("failure").close();
    else if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault());
}
