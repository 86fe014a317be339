/* The queue by keys: j and k move between cards, 1 to 5 and u press the card's own buttons. */
const queue = document.getElementById("queue") ?? document.getElementById("main");
const cards = () => [...queue.querySelectorAll("article.question")];
let at = -1; /* which card has the focus, also while it is being replaced */

function go(place) {
  const all = cards();
  if (!all.length) return;
  at = Math.min(Math.max(place, 0), all.length - 1);
  all[at].focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.("article.question");
  if (card) at = cards().indexOf(card);
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "j") return go(at + 1);
  if (event.key === "k") return go(at - 1);
  const button = cards()[at]?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

/* A card that was replaced takes the focus back, so that j goes on from there. */
for (const name of ["htmx:after:swap", "htmx:afterSwap"]) {
  document.addEventListener(name, () => {
    const card = cards()[at];
    if (card && !card.contains(document.activeElement) && document.activeElement === document.body) card.focus();
  });
}
