// A button that says that the screen goes on below, and goes there.
import { onScreen } from "./page.js";

const HARDLY_ANYTHING = 40; // px: margins below the last words

export function startFurther() {
  const content = () => document.getElementById("main");
  const show = () => {
    const { scrollHeight, scrollTop, clientHeight } = content();
    document.getElementById("further").hidden = scrollHeight - scrollTop - clientHeight < HARDLY_ANYTHING;
  };
  onScreen(show);
  document.addEventListener("scroll", (event) => { if (event.target === content()) show(); }, { capture: true, passive: true });
  window.addEventListener("resize", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#further")) return;
    const gentle = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    content().scrollBy({ top: content().clientHeight * 0.8, behavior: gentle });
  });
}
