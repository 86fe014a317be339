// The desk by keyboard (j, k, Enter, x), ready sentences, and printing.
const rows = [...document.querySelectorAll('.case-rows tbody tr')];
let here = -1;

function go(to) {
  if (!rows.length) return;
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, place) => row.setAttribute('aria-selected', place === here));
  rows[here].querySelector('a').focus();
}

const isTyping = (target) => target.closest('input:not([type=checkbox]), textarea, select');

document.addEventListener('keydown', (event) => {
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'j') go(here + 1);
  else if (event.key === 'k') go(here - 1);
  else if (event.key === 'x' && here >= 0) rows[here].querySelector('input[type=checkbox]')?.click();
  else return;
  event.preventDefault();
});

for (const ready of document.querySelectorAll('select[data-fills]')) {
  ready.addEventListener('change', () => {
    const field = document.getElementById(ready.dataset.fills);
    if (ready.value) field.value = field.value ? `${field.value}\n${ready.value}` : ready.value;
    field.focus();
  });
}

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
