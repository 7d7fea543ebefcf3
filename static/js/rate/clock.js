/* Time with the task in view: it stands still while the page is hidden or nobody has touched it for a while. */

const IDLE = 5 * 60 * 1000;

let started = 0;
let gathered = 0;
let touched = performance.now();

const running = () => started > 0;
const halt = (until) => {
  if (!running()) return;
  gathered += Math.max(0, until - started);
  started = 0;
};
const resume = () => {
  if (!running() && !document.hidden) started = performance.now();
};

let counting = false;

for (const type of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "scroll"]) {
  document.addEventListener(type, () => { touched = performance.now(); if (counting) resume(); }, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) halt(performance.now());
  else if (counting) resume();
});
setInterval(() => { if (running() && performance.now() - touched > IDLE) halt(touched + IDLE); }, 10000);

export function start(seconds = 0) {
  halt(performance.now());
  gathered = seconds * 1000;
  counting = true;
  touched = performance.now();
  resume();
}

/** The seconds so far, rounded to milliseconds. */
export function read() {
  const live = running() ? performance.now() - started : 0;
  return Math.round(gathered + live) / 1000;
}

export function stop() {
  const seconds = read();
  halt(performance.now());
  counting = false;
  return seconds;
}
