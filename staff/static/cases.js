// The desk by keyboard, ready sentences, ticking many, and printing. Everything here can also be reached by Tab.
const rows = [...document.querySelectorAll('.case-rows tbody tr')];
const boxes = [...document.querySelectorAll('.case-rows input[name=number]')];
let here = -1;

function go(to) {
  if (!rows.length) return;
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, place) => row.classList.toggle('here', place === here));
  rows[here].querySelector('a').focus();
}

/* How many are ticked is said beside what may be done with them, and one box ticks the whole page. */
const all = document.querySelector('[data-tick-all]');
const told = document.querySelector('[data-ticked]');
if (all && boxes.length) {
  const box = Object.assign(document.createElement('input'), { type: 'checkbox' });
  box.setAttribute('aria-label', '勾选这一页的全部');
  all.replaceChildren(box);
  box.addEventListener('change', () => { for (const one of boxes) one.checked = box.checked; count(); });
  document.addEventListener('change', count);
  addEventListener('pageshow', count);
}
function count() {
  const ticked = boxes.filter((one) => one.checked).length;
  told.hidden = !ticked;
  told.textContent = `已勾选 ${ticked} 件`;
  const box = all.querySelector('input');
  box.checked = ticked === boxes.length;
  box.indeterminate = ticked > 0 && ticked < boxes.length;
}

/* A case that was opened from a list leads back to it as it was, and on to the one after and before. */
const KEPT = 'linli-case-list';
const crumbs = document.querySelector('.crumbs[data-case]');
if (boxes.length) {
  sessionStorage.setItem(KEPT, JSON.stringify({ back: location.search, numbers: boxes.map((one) => one.value) }));
}
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
if (crumbs && kept?.numbers.includes(crumbs.dataset.case)) {
  const place = kept.numbers.indexOf(crumbs.dataset.case);
  crumbs.querySelector('a').search = kept.back;
  for (const [rel, number, words] of [['prev', kept.numbers[place - 1], '上一件'], ['next', kept.numbers[place + 1], '下一件']]) {
    if (number) crumbs.append(Object.assign(document.createElement('a'), { rel, href: `/staff/cases/${number}`, textContent: words }));
  }
}
const onward = (rel) => crumbs?.querySelector(`[rel=${rel}]`)?.click();

function openFold(fold) {
  if (!fold) return false;
  fold.open = true;
  (fold.querySelector('textarea, select:not([hidden]), input:not([type=hidden]), button') ?? fold).focus();
  return true;
}

/* `a` takes the first thing that may be done: on a list with what is ticked, or with the row that is in hand. */
function act() {
  const accept = document.querySelector('.many-acts button[value=accept], .many-acts button[value=begin]');
  if (!accept) return openFold(document.querySelector('.acts .act-fold'));
  if (here >= 0 && !boxes.some((one) => one.checked)) boxes[here].checked = true;
  if (boxes.some((one) => one.checked)) accept.form.requestSubmit(accept);
  return true;
}

const keys = {
  j: () => (crumbs ? onward('next') : go(here + 1)),
  k: () => (crumbs ? onward('prev') : go(here - 1)),
  x: () => here >= 0 && rows[here].querySelector('input[type=checkbox]')?.click(),
  X: () => all?.querySelector('input')?.click(),
  a: act,
  n: () => openFold(document.querySelector('[data-act=note]')),
  t: () => {
    const ready = document.querySelector('.act-fold[open] [data-fills]') ?? document.querySelector('[data-fills]');
    if (!ready) return;
    ready.closest('details').open = true;
    ready.focus();
  },
  u: () => document.querySelector('.crumbs a')?.click(),
};
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest?.('input:not([type=checkbox]), textarea, select');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (!(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

/* Going through the sentences by arrow keys puts each in the other's place; Enter goes on writing. */
for (const ready of document.querySelectorAll('select[data-fills]')) {
  const field = document.getElementById(ready.dataset.fills);
  let put = '', isPointed = false;
  const write = () => {
    const gap = /〔[^〕]*〕/.exec(field.value);
    field.focus();
    if (gap) field.setSelectionRange(gap.index, gap.index + gap[0].length);
  };
  ready.hidden = false;
  ready.addEventListener('pointerdown', () => { isPointed = true; });
  ready.addEventListener('keydown', (event) => {
    isPointed = false;
    if (event.key === 'Enter' && ready.value) { event.preventDefault(); write(); }
  });
  ready.addEventListener('change', () => {
    const before = put && field.value.endsWith(put) ? field.value.slice(0, -put.length) : field.value;
    const gap = before && !before.endsWith('\n') ? '\n' : '';
    put = ready.value && gap + ready.value;
    field.value = before + put;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (isPointed) write();
  });
}

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
