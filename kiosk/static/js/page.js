// What the parts share: the screen on show, and posting a form without showing its answer.

export const screen = () => document.getElementById("screen");

/** Call `then` now and after every change of screen. */
export function onScreen(then) {
  then();
  document.addEventListener("kiosk:screen", then);
}

/** POST fields as a form; resolves with the Response, rejects when there is none in time. */
export function post(path, fields = {}, signal = AbortSignal.timeout(15000)) {
  return fetch(path, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(fields),
    signal,
  });
}

/** End the session: the server forgets it, this page forgets it, and the first screen is loaded anew. */
export async function endSession() {
  document.dispatchEvent(new CustomEvent("kiosk:end"));
  sessionStorage.clear();
  localStorage.clear();
  try {
    await post("/kiosk/end", {}, AbortSignal.timeout(4000));
  } catch {
    // The server is away: it forgets the session by itself, and the page below holds nothing of it.
  }
  for (const field of document.querySelectorAll("input, textarea")) field.value = "";
  await loadFirstScreen();
}

/** Load the first screen when the hall answers; say that it is away until then, for a browser's own error page stays. */
export async function loadFirstScreen() {
  while (!(await isThere())) {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    document.getElementById("away").hidden = false;
    screen().querySelector("main").replaceChildren();
    screen().querySelector(".asked")?.remove();
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
  location.replace("/");
}

async function isThere() {
  try {
    return (await fetch("/kiosk/static/icon.svg", { cache: "no-store", signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}
