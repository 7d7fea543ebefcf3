/* The keyboard of the rating page. `act` holds what each key does; typing into a field is left alone. */

import { lettersAreKeys } from "./view.js";

const STEP = 90;
const TYPING = "textarea, select, input[type='text'], input[type='search']";

const scroller = () => {
  const shared = document.querySelector(".task-scroll");
  if (shared && shared.scrollHeight > shared.clientHeight) return shared;
  return document.activeElement?.closest(".side") ?? document.querySelector(".side") ?? shared;
};
const scroll = (by) => {
  const apart = document.documentElement.dataset.together === "no";
  const panes = apart ? document.querySelectorAll(".side") : [scroller()];
  const focused = document.activeElement?.closest(".side");
  for (const pane of apart && focused ? [focused] : panes) pane?.scrollBy({ top: by, behavior: "instant" });
};

export function listen(act) {
  const letters = { u: act.undo, s: act.skip, c: act.cannot, i: act.instructions, n: act.note };
  const arrows = {
    ArrowLeft: () => act.shift(-1),
    ArrowRight: () => act.shift(1),
    ArrowUp: () => scroll(-STEP),
    ArrowDown: () => scroll(STEP),
    PageUp: () => scroll(-window.innerHeight * 0.6),
    PageDown: () => scroll(window.innerHeight * 0.6),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape") return void act.escape(event);
    if (event.key === "Enter") return void enter(event, target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING)) return;
    if (event.key === "?") return run(event, act.help);
    if (/^\d$/.test(event.key)) {
      if (!target.matches("input[type='number']")) run(event, () => act.digit(event.key));
      return;
    }
    const inSide = target.closest(".side, .task-scroll, .panel-body, summary");
    if (event.key in arrows && !(inSide && event.key !== "ArrowLeft" && event.key !== "ArrowRight")) {
      if (target.matches("input[type='number']") && !event.key.startsWith("Page")) return;
      return run(event, arrows[event.key]);
    }
    const letter = letters[event.key.toLowerCase()];
    if (letter && lettersAreKeys()) return run(event, letter);
    if (/^[a-z]$/.test(event.key) && lettersAreKeys()) act.digit(event.key); // an option without a digit of its own
  });

  const run = (event, what) => {
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow") || event.key.startsWith("Page")) what();
  };

  const enter = (event, target) => {
    if (event.isComposing) return;
    if (target.matches("textarea") && !(event.ctrlKey || event.metaKey)) return;
    if (target.closest("a, summary, button:not([data-do='submit'])")) return;
    event.preventDefault();
    if (!event.repeat) act.submit(event);
  };
}
