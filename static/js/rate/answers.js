/* Reading and writing the answers of one task's form. */

const CANNOT = "cannot_judge";

export const questionsOf = (form) => [...form.querySelectorAll("[data-question]")];

const idOf = (question) => question.dataset.question;
const controls = (question) => [...question.querySelectorAll("input[name^='q-']")];
const cannotOf = (question) => question.querySelector("[data-cannot]");
const numberOf = (question) => question.querySelector("input.number");
export const reasonOf = (question) => question.querySelector("input[name^='reason-']");

/** A number, {cannot_judge: reason}, or undefined where nothing is answered. */
export function answerOf(question) {
  if (cannotOf(question)?.checked) return { [CANNOT]: reasonOf(question).value.trim() };
  const number = numberOf(question);
  if (number) return number.value.trim() === "" ? undefined : Number(number.value);
  const chosen = controls(question).find((control) => control.checked);
  return chosen ? Number(chosen.value) : undefined;
}

export function answersOf(form) {
  const found = {};
  for (const question of questionsOf(form)) {
    const answer = answerOf(question);
    if (answer !== undefined) found[idOf(question)] = answer;
  }
  return found;
}

export const draftOf = (form) => ({ answers: answersOf(form), comment: form.elements.comment.value });

/** Put a draft back into the form. */
export function fill(form, draft) {
  for (const question of questionsOf(form)) {
    const answer = draft.answers?.[idOf(question)];
    if (answer === undefined) continue;
    if (typeof answer === "object") {
      cannotOf(question).checked = true;
      reasonOf(question).value = answer[CANNOT] ?? "";
    } else if (numberOf(question)) {
      numberOf(question).value = String(answer);
    } else {
      const control = controls(question).find((each) => each !== cannotOf(question) && Number(each.value) === answer);
      if (control) control.checked = true;
    }
  }
  if (draft.comment) form.elements.comment.value = draft.comment;
}

/** What is wrong with a question's answer, as a sentence; empty where nothing is. */
export function problemOf(question) {
  const answer = answerOf(question);
  if (answer === undefined) {
    return question.dataset.required === "yes" ? "Answer this first, or say that it cannot be judged." : "";
  }
  if (typeof answer === "object") return answer[CANNOT] ? "" : "Say in a few words why.";
  const number = numberOf(question);
  if (number && (Number.isNaN(answer) || !number.checkValidity())) {
    return number.validationMessage || "This is not a number.";
  }
  return "";
}

/** Picks the option with this digit; true where there is one. */
export function pick(question, digit) {
  const control = question.querySelector(`input[data-digit="${digit}"]`);
  if (!control) return false;
  control.checked = true;
  control.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Moves the choice by one place; from nothing, to the first or the last. */
export function shift(question, by) {
  const radios = controls(question).filter((control) => control.type === "radio" && control !== cannotOf(question));
  if (!radios.length) return;
  const at = radios.findIndex((control) => control.checked);
  const to = at < 0 ? (by > 0 ? 0 : radios.length - 1) : Math.min(radios.length - 1, Math.max(0, at + by));
  radios[to].checked = true;
  radios[to].dispatchEvent(new Event("change", { bubbles: true }));
}

export function toggleCannot(question) {
  const control = cannotOf(question);
  control.checked = !control.checked;
  control.dispatchEvent(new Event("change", { bubbles: true }));
  return control.checked;
}

/** The words of an answer, for the folded questions on a phone. */
export function wordsOf(question) {
  const answer = answerOf(question);
  if (answer === undefined) return "";
  if (typeof answer === "object") return "cannot judge";
  const chosen = controls(question).find((control) => control.checked);
  return chosen ? chosen.closest("label").querySelector("span").textContent : String(answer);
}
