// Printing asks for the browser's own dialog; without it the button would do nothing, so it is hidden until now.
const print = document.querySelector('[data-print]');
if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
