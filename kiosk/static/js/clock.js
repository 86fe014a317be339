// The clock in the header: the server's time in the hall's zone, carried on by this machine's own ticking.
import { onScreen, screen } from "./page.js";

export function startClock() {
  let ahead = 0;
  let zoneMinutes = 0;
  const show = () => {
    const there = new Date(Date.now() + ahead + zoneMinutes * 60000);
    document.getElementById("clock").textContent = there.toISOString().slice(11, 16);
  };
  onScreen(() => {
    ahead = Date.parse(screen().dataset.instant) - Date.now();
    const [, sign, hours, minutes] = /([+-])(\d\d)(\d\d)/.exec(document.getElementById("clock").dataset.offset);
    zoneMinutes = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    show();
  });
  setInterval(show, 5000);
}
