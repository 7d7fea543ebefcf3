/* How one reads and types: typeface, size and appearance follow the account; the rest belongs to this browser. */

const name = (setting) => `concord.view.${setting}`;
const read = (setting) => {
  try { return localStorage.getItem(name(setting)) ?? "yes"; } catch { return "yes"; }
};
const root = document.documentElement;

export const lettersAreKeys = () => root.dataset.letters !== "no";

function choose(form, button) {
  root.dataset[button.name] = button.value;
  for (const other of form.querySelectorAll(`button[name="${button.name}"]`)) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  const body = new FormData(form);
  body.set(button.name, button.value);
  fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => {});
}

export function prepareView() {
  for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
  root.classList.add("is-live");
  const form = document.querySelector("[data-view]");
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.name) return;
    event.preventDefault();
    choose(form, event.submitter);
  });
  for (const box of form.querySelectorAll("[data-setting]")) {
    const setting = box.dataset.setting;
    box.checked = read(setting) === "yes";
    root.dataset[setting] = box.checked ? "yes" : "no";
    box.addEventListener("change", () => {
      root.dataset[setting] = box.checked ? "yes" : "no";
      try { localStorage.setItem(name(setting), root.dataset[setting]); } catch { /* for this page only then */ }
    });
  }
}

/** Panels in the header: instructions, view, keys. */
export function togglePanel(id) {
  const panel = document.getElementById(id);
  if (!panel) return;
  panel.open = !panel.open;
  if (panel.open) panel.querySelector("summary").focus();
}

export function closePanels(except = null) {
  let closed = false;
  for (const panel of document.querySelectorAll("details.panel[open], details.note[open], details.ask-help[open]")) {
    if (panel === except || (except && panel.contains(except))) continue;
    panel.open = false;
    closed = true;
  }
  return closed;
}
