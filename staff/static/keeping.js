/* Nothing typed is lost: forms with data-keep="form/object" are saved in this tab while they are typed in. */

const member = document.querySelector("meta[name=member]")?.content ?? "";
const PREFIX = "linli-typed/";
const nameOf = (form) => `${PREFIX}${member}/${form.dataset.keep}`;
const NEVER = new Set(["csrf", "kept_typing", "keep"]);

function read(form) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    const isSecret = form.querySelector(`[name="${CSS.escape(name)}"]`)?.type === "password";
    if (typeof value === "string" && !NEVER.has(name) && !isSecret) fields.push([name, value]);
  }
  return fields;
}

function write(form, fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || field.type === "password" || field.type === "file") continue;
    const wanted = values.get(field.name);
    if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(wanted?.includes(field.value));
    else if (field.type !== "hidden" && field.type !== "submit" && wanted?.length) field.value = wanted.shift();
    else continue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* What the server kept when the session had ended goes back into the form that it came from. */
function putBack() {
  const holder = document.getElementById("kept-typing");
  if (!holder) return false;
  const kept = JSON.parse(holder.textContent);
  const goesTo = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;
  const form = [...document.forms].find((one) => goesTo(one) === kept.action);
  if (!form) return false;
  write(form, kept.fields);
  const note = document.getElementById("kept-note");
  note.open = false;
  const files = form.querySelector("[type=file]") ? "文件请重新选。" : "";
  note.querySelector("summary span").textContent = `登录中断前您填的内容已经放回，请看一看再提交。${files}`;
  if (!form.elements.kept_typing) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "kept_typing", value: kept.id });
    form.append(field);
  }
  (form.querySelector("textarea, input:not([type=hidden])") ?? form).focus();
  return true;
}

function offer(form, saved) {
  const note = document.createElement("p");
  note.className = "flash warn";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = `这里有您 ${saved.at} 填了还没提交的内容。`;
  const button = (text, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: text });
    made.addEventListener("click", () => { act(); note.remove(); });
    return made;
  };
  note.append(words, button("放回来", () => write(form, saved.fields)), button("不要了", () => forget(form)));
  form.before(note);
}

function forget(form) {
  try { sessionStorage.removeItem(nameOf(form)); } catch { /* private windows may have no storage */ }
}

const watched = new WeakSet();

function watch(form, isFilled) {
  if (watched.has(form)) return;
  watched.add(form);
  /* The server tells the next page when this form went well: its copy has then served its time. */
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: form.dataset.keep }));
  const first = read(form);
  let saved = null;
  try { saved = JSON.parse(sessionStorage.getItem(nameOf(form))); } catch { /* nothing usable was saved */ }
  const isShown = saved && isSame(saved.fields, first);
  if (isShown) forget(form);
  else if (saved && !isFilled && !form.querySelector("[aria-invalid=true], [data-shown-again]")) offer(form, saved);
  form.addEventListener("input", () => {
    const at = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
    try { sessionStorage.setItem(nameOf(form), JSON.stringify({ at, fields: read(form) })); } catch { /* full */ }
  });
}

const isFilled = putBack();
if (member) {
  for (const done of document.querySelectorAll("[data-kept-done]")) {
    try { sessionStorage.removeItem(`${PREFIX}${member}/${done.dataset.keptDone}`); } catch { /* as above */ }
  }
  for (const form of document.querySelectorAll("form[data-keep]")) watch(form, isFilled);
  /* Forms that come later, as a piece of the page. */
  document.addEventListener("htmx:after:swap", () => {
    for (const form of document.querySelectorAll("form[data-keep]")) watch(form, false);
  });
}
document.querySelector("form[action='/staff/sign-out']")?.addEventListener("submit", () => {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch { /* as above */ }
});
