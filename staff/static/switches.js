/* Shows the fields that the chosen switch needs. Without scripts all of them stand there. */
const form = document.getElementById("switch-form");
function fit() {
  const scope = form.elements.scope.value;
  for (const box of form.querySelectorAll("[data-for]")) box.hidden = box.dataset.for !== scope;
  form.querySelector("[data-for-span]").hidden = form.elements.span.value !== "until";
}
if (form) {
  form.addEventListener("change", fit);
  addEventListener("pageshow", fit);
  fit();
}
