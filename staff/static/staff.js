/* What every page of the console needs from the browser. Without scripts all forms still work. */
import "./keeping.js";

const confirmBox = document.getElementById("confirm");
const keysBox = document.getElementById("keys");

/* A form that says data-confirm asks before it is sent, and before htmx sends it; any form is sent once only. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !form.dataset.sure) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("confirm-words").textContent = question;
    confirmBox.returnValue = "";
    confirmBox.showModal();
    confirmBox.addEventListener("close", () => {
      if (confirmBox.returnValue !== "yes") return;
      form.dataset.sure = "yes";
      form.requestSubmit(event.submitter);
    }, { once: true });
    return;
  }
  delete form.dataset.sure;
  if (form.classList.contains("busy")) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
document.addEventListener("submit", (event) => {
  const form = event.target;
  /* What a script of the page sends by itself, it also settles by itself. */
  if (event.defaultPrevented || form.method === "dialog") return;
  form.classList.add("busy");
  form.setAttribute("aria-busy", "true");
  /* A form that brings a file leaves this page where it is. */
  setTimeout(settle, 4000);
});
function settle() {
  for (const form of document.querySelectorAll("form.busy")) {
    form.classList.remove("busy");
    form.removeAttribute("aria-busy");
  }
}
/* Back from another page: the browser may show this one as it was left. */
addEventListener("pageshow", settle);

let before = "";
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.form) {
    event.preventDefault();
    return field.form.requestSubmit();
  }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    const search = document.querySelector("[type=search], [data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if (event.key === "?") {
    event.preventDefault();
    keysBox.showModal();
  } else if (before === "g" && event.key === "h") {
    location.assign("/staff");
  }
  before = event.key;
});

/* htmx sends no form's hidden field with a bare hx-post. htmx 4 names the event with colons, 2 without. */
for (const name of ["htmx:config:request", "htmx:configRequest"]) {
  document.addEventListener(name, (event) => {
    const headers = event.detail?.ctx?.request?.headers ?? event.detail?.headers;
    if (headers) headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
  });
}

/* The first field that was refused is where the work goes on. */
document.querySelector("[aria-invalid=true]")?.focus();
