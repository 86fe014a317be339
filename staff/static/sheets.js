/* A sheet that was checked stays chosen, so that it can be brought in without choosing it again. */
for (const form of document.querySelectorAll("[data-sheet]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const place = document.getElementById(form.dataset.sheet);
    const body = new FormData(form, event.submitter);
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", "正在看表格");
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: "正在看表格…" }), bar);
    let shown = false;
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { "X-Fragment": "yes" }, body, redirect: "manual" });
      if (answer.ok || answer.status === 422) { place.innerHTML = await answer.text(); shown = true; }
      else if (answer.status === 413) place.textContent = "文件太大。请删去不用的内容，或者分成几份导入。";
      else place.textContent = "没有传上去：登录可能已经结束。请刷新这一页再试。";
    } catch {
      place.textContent = "没有传上去：连不上服务器，或者文件刚刚被改过。请重新选文件再试。";
    }
    if (shown) place.querySelector("[role=status], [role=alert]")?.scrollIntoView({ block: "nearest" });
    for (const button of buttons) button.disabled = false;
  });
}
