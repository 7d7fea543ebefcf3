/* The rating page. The next task is here before it is wanted; saving happens behind, and is loud when it fails. */

import { answersOf, pick, problemOf, questionsOf, reasonOf, shift, toggleCannot, wordsOf } from "./answers.js";
import * as clock from "./clock.js";
import { Drafts } from "./drafts.js";
import { listen } from "./keys.js";
import { call, Full, SignedOut } from "./net.js";
import { Notices } from "./notices.js";
import { Outbox, prefixOf, unsentByOthers } from "./outbox.js";
import { closePanels, prepareView, togglePanel } from "./view.js";

const MOST_AHEAD = 2;
const root = document.querySelector("[data-rate]");
const urls = { next: root.dataset.next, save: root.dataset.save, draft: root.dataset.draft, undo: root.dataset.undo };
const notices = new Notices(document.getElementById("notices"), document.getElementById("announce"));
const drafts = new Drafts({ url: urls.draft, status: (text) => say(text) });
const outbox = new Outbox({
  prefix: prefixOf(root.dataset.user, root.dataset.study),
  send: (item) => call(urls.save, { ...item, ahead: wanted() }),
  on: { saved, failing, refused, empty },
});

/** Tasks held: the first is on the screen. Each is a form, parsed and ready. */
let deck = [];
let end = null;
let busy = false;
let fetching = false;
let again = false;
/** Tasks that are done with on this page: a late answer to an early request must not bring one back. */
const done = new Set();
/** The forms of answers on their way: one that is not taken comes back with its task. */
const left = new Map();
/** How many answers came to an end on this page. */
let settled = 0;
let given = Number(root.dataset.given);
let total = Number(root.dataset.total);

// -- the tasks held

const parse = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return document.importNode(holder.content, true).firstElementChild;
};
const known = (key) => done.has(key) || outbox.has(key) || deck.some((form) => form.dataset.key === key);

/** Which of this rater's tasks to ask for: past those that the server still counts as ours. Null where enough are here. */
function wanted(sending = 1) {
  const place = outbox.size - sending + deck.length;
  return deck.length < MOST_AHEAD && place <= MOST_AHEAD ? place : null;
}

function take(reply) {
  if (reply.progress) progress(reply.progress);
  if (reply.over) deck = []; // what is half answered here is kept as a draft, and would not count
  if (reply.task && !known(reply.task.key)) {
    const form = parse(reply.task.html);
    for (const image of form.querySelectorAll("img")) new Image().src = image.src;
    deck.push(form);
    end = null;
    if (deck.length === 1) show();
  } else if (reply.end !== null && reply.end !== undefined && !reply.task) {
    end = reply.end;
    if (!deck.length) show();
  }
}

async function fetchAhead() {
  const ahead = wanted(0);
  if (ahead === null || end !== null) return;
  if (fetching) {
    again = true; // what is under way may bring a task that is known by then
    return;
  }
  fetching = true;
  const before = outbox.size ? null : settled;
  try {
    const reply = await call(`${urls.next}?ahead=${ahead}`);
    // Its count is of a moment before or after an answer that was on its way meanwhile: nobody knows which.
    if (before !== settled || outbox.size) reply.progress = null;
    take(reply);
    notices.clear("fetching");
  } catch (error) {
    if (error instanceof SignedOut) notices.signedOut(outbox.size);
    else if (!deck.length) notices.show("fetching", "error", "The next task could not be fetched. Trying again in 3 seconds.");
    setTimeout(() => fetchAhead(), 3000);
  } finally {
    fetching = false;
    if (again) {
      again = false;
      fetchAhead();
    }
  }
}

// -- the screen

function show() {
  const form = deck[0] ?? (end === null || outbox.size ? waiting() : parse(end));
  root.replaceChildren(form);
  meter();
  closePanels();
  if (!deck.length) {
    clock.stop();
    form.querySelector("a, button")?.focus();
    return;
  }
  if (foldedPrompt()) for (const prompt of form.querySelectorAll("details.prompt")) prompt.open = false;
  drafts.restore(form);
  clock.start();
  questionsOf(form).forEach(describe);
  activate(questionsOf(form).find((question) => problemOf(question)) ?? questionsOf(form)[0]);
  notices.announce(`Task ${Math.min(given + 1, total)} of ${total}`);
}

function waiting() {
  const note = document.createElement("p");
  note.className = "rate-wait lede";
  note.textContent = end === null ? "Fetching the next task…" : "Saving your last answer…";
  return note;
}

/** Focus goes where the next key belongs. */
function activate(question) {
  if (!question) return;
  for (const other of questionsOf(deck[0])) other.toggleAttribute("data-active", other === question);
  const number = question.querySelector("input.number");
  const cannot = question.querySelector("[data-cannot]").checked;
  (cannot ? reasonOf(question) : number ?? question).focus({ preventScroll: true });
  question.scrollIntoView({ block: "nearest" });
}

const active = () => deck[0]?.querySelector("[data-question][data-active]") ?? null;

function describe(question) {
  question.querySelector(".ask-text").dataset.answer = wordsOf(question);
}

function progress(now) {
  given = Math.max(now.given + outbox.size, 0);
  total = Math.max(now.total, given);
  meter(now.minutes);
}

function meter(minutes) {
  document.getElementById("rate-count").textContent = `${Math.min(given + (deck.length ? 1 : 0), total)} of ${total}`;
  if (minutes !== undefined) document.getElementById("rate-left").textContent = minutes ? `about ${minutes} min left` : "";
  const bar = document.getElementById("rate-bar");
  bar.max = Math.max(total, 1);
  bar.value = given;
}

function say(text) {
  const status = root.querySelector("[data-status]");
  if (status) status.textContent = text;
}

const foldedPrompt = () => sessionStorage.getItem("concord.prompt") === "folded";

// -- what one does

function submit() {
  const form = deck[0];
  if (!form || busy) return;
  const questions = questionsOf(form);
  for (const question of questions) mark(question, "");
  const wrong = questions.map((question) => [question, problemOf(question)]).filter(([, problem]) => problem);
  const here = active();
  if (wrong.length) {
    const [question] = wrong.find(([each]) => each === here) ?? wrong[0];
    for (const [each, problem] of wrong) if (each === question || each === here) mark(each, problem);
    activate(question);
    return;
  }
  leave({ answers: answersOf(form), comment: form.elements.comment.value, seconds: clock.stop() });
}

function skip() {
  if (!deck[0] || busy) return;
  clock.stop();
  leave({ skip: true });
}

/** The task on the screen is done with: what comes of it goes its way, and the next one is shown at once. */
function leave(outcome) {
  const form = deck.shift();
  done.add(form.dataset.key);
  left.set(form.dataset.key, form);
  drafts.forget(form.dataset.key);
  if (!outcome.skip) given += 1;
  outbox.add({ key: form.dataset.key, ...outcome });
  show();
  say(outcome.skip ? "Skipped" : "Saving…");
}

async function undo() {
  if (busy) return;
  if (outbox.size) {
    say("Undo works as soon as your last answer is saved.");
    return;
  }
  busy = true;
  await drafts.flush();
  try {
    const reply = await call(urls.undo, {});
    deck = deck.filter((form) => form.dataset.key !== reply.task.key);
    const form = parse(reply.task.html);
    drafts.forget(reply.task.key);
    done.delete(reply.task.key);
    deck.unshift(form);
    progress(reply.progress);
    show();
    say("This is your last answer. Change it and press Enter.");
  } catch (error) {
    if (error instanceof SignedOut) notices.signedOut(0);
    else say(error.message);
  } finally {
    busy = false;
  }
}

function mark(question, problem) {
  question.toggleAttribute("data-wrong", Boolean(problem));
  question.querySelector("[data-error]").textContent = problem;
  if (problem) notices.announce(problem);
}

function answered(question) {
  mark(question, "");
  const rest = questionsOf(deck[0]);
  const after = [...rest.slice(rest.indexOf(question) + 1), ...rest.slice(0, rest.indexOf(question))];
  const open = after.find((other) => other.dataset.required === "yes" && problemOf(other));
  if (open) activate(open);
}

// -- what comes back

function saved(item, reply) {
  left.delete(item.key);
  settled += 1;
  if (reply.message) notices.show(`kept-${item.key}`, "warning", reply.message, { closes: true });
  if (!item.skip && !reply.counted) end = null; // the study may have closed: ask
  take(reply);
  say(outbox.size ? "Saving…" : item.skip ? "Skipped" : reply.counted ? "Saved" : "Kept, not counted");
  fetchAhead();
}

function failing(error, seconds, count) {
  if (error instanceof SignedOut) return notices.signedOut(count);
  const answers = count === 1 ? "1 answer is" : `${count} answers are`;
  const why = error instanceof Full ? ` ${error.message}` : "";
  const text = `Not saved yet: ${answers} kept in this browser.${why} Trying again in ${seconds} s.`;
  notices.show("saving", "error", text, { action: "Try now", act: () => outbox.retryNow() });
  say("Not saved yet");
}

function refused(item, error) {
  const detail = Object.values(error.errors)[0] ?? "";
  settled += 1;
  given = Math.max(0, given - (item.skip ? 0 : 1));
  done.delete(item.key);
  if (item.answers) drafts.keep(item.key, { answers: item.answers, comment: item.comment });
  bringBack(item, error);
  notices.show(`refused-${item.key}`, "error", `One answer was not taken: ${error.message} ${detail}`, { closes: true });
  end = null;
  fetchAhead();
}

/** After what is on the screen now. Of an answer that was left before this page was loaded the server knows the task. */
function bringBack(item, error) {
  const form = left.get(item.key);
  left.delete(item.key);
  if (!form || error.status !== 400) return;
  const wasEmpty = !deck.length;
  deck.splice(1, 0, form);
  if (wasEmpty) show();
}

function empty() {
  notices.clear("saving");
  if (!deck.length) fetchAhead();
}

// -- wiring

root.addEventListener("change", (event) => {
  const question = event.target.closest("[data-question]");
  if (question) {
    describe(question);
    if (event.target.matches("[data-cannot]") && event.target.checked) activate(question);
    else if (event.isTrusted && event.target.type === "radio") answered(question);
  }
  if (deck[0]) drafts.changed(deck[0]);
});
root.addEventListener("input", (event) => {
  if (event.target.matches("input.number")) event.target.closest("[data-question]").querySelector("[data-cannot]").checked = false;
  if (event.target.matches("textarea")) event.target.closest(".note").toggleAttribute("data-filled", event.target.value !== "");
  if (deck[0]) drafts.changed(deck[0]);
});
root.addEventListener("focusin", (event) => {
  const question = event.target.closest("[data-question]");
  if (question && deck[0]) for (const other of questionsOf(deck[0])) other.toggleAttribute("data-active", other === question);
});
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) {
    event.preventDefault();
    ({ submit, skip, undo })[button.dataset.do]();
    return;
  }
  const question = event.target.closest("[data-question]:not([data-active])");
  if (question) activate(question);
});
root.addEventListener("submit", (event) => {
  if (event.submitter?.value === "pause") return; // leaves the page, by the plain form
  event.preventDefault();
  submit();
});
root.addEventListener("toggle", (event) => {
  if (event.isTrusted && event.target.matches("details.prompt")) {
    try { sessionStorage.setItem("concord.prompt", event.target.open ? "open" : "folded"); } catch { /* not remembered then */ }
  }
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) {
    closePanels();
    activate(active() ?? questionsOf(deck[0] ?? root)[0]);
  } else if (!event.target.closest("details.panel, details.note, details.ask-help")) closePanels();
});
document.getElementById("pause").addEventListener("click", async (event) => {
  if (!outbox.size) return;
  event.preventDefault();
  notices.show("saving", "warning", "One moment: your last answers are still being saved.");
});
window.addEventListener("beforeunload", (event) => { if (outbox.size) event.preventDefault(); });

listen({
  submit: () => (deck[0] ? submit() : root.querySelector("a.button-primary")?.click()),
  skip,
  undo,
  digit: (digit) => {
    const question = active();
    if (question && pick(question, digit)) answered(question);
  },
  shift: (by) => { const question = active(); if (question) { shift(question, by); mark(question, ""); } },
  cannot: () => { const question = active(); if (question) { toggleCannot(question); activate(question); } },
  note: () => {
    const note = deck[0]?.querySelector("details.note");
    if (note) { note.open = true; note.querySelector("textarea").focus(); }
  },
  instructions: () => togglePanel("instructions"),
  help: () => togglePanel("help"),
  escape: (event) => {
    const question = active();
    if (closePanels() || event.target.closest(".bar")) if (question) { question.focus(); event.preventDefault(); }
  },
});

prepareView();
const others = unsentByOthers(root.dataset.user);
if (others) {
  const answers = others === 1 ? "1 answer of somebody else waits" : `${others} answers of somebody else wait`;
  notices.show("others", "warning", `${answers} in this browser to be sent; they stay until that person signs in here.`, { closes: true });
}
const first = root.querySelector("form[data-key]");
if (first && !outbox.has(first.dataset.key)) deck = [first];
if (deck.length) show();
else if (first) show();
const instructions = document.getElementById("instructions");
if (instructions?.hasAttribute("data-first")) {
  instructions.open = true;
  instructions.querySelector("[data-close-panel]").focus();
}
outbox.pump();
if (first) fetchAhead();
