/* Small behaviours of every page, found by data attributes. Each page works without them. */

const on = (type, selector, handle) =>
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) handle(event, found);
  });

/* <button data-opens="id-of-dialog">, <button data-closes> inside it */
on("click", "[data-opens]", (event, button) => {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-closes]", (event, button) => {
  event.preventDefault();
  button.closest("dialog")?.close();
});

/* <form data-confirm="Close the study? Raters cannot go on."> */
on("submit", "form[data-confirm]", (event, form) => {
  if (!window.confirm(form.dataset.confirm)) event.preventDefault();
});

/* <button data-copy="#secret"> copies that element's text or value */
on("click", "[data-copy]", async (event, button) => {
  event.preventDefault();
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    button.textContent = "Copied";
  } catch {
    source.select?.();
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { button.textContent = before; }, 2000);
});

/* <select data-submits> sends its form as soon as it changes (a button inside <noscript> does it otherwise) */
on("change", "[data-submits]", (event, control) => control.form?.requestSubmit());

/* Menus close on Escape and on a click elsewhere */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/* <table class="sortable">: click a heading to sort by it; a cell's data-sort wins over its text; words sort last among numbers */
const keyOf = (cell) => {
  const raw = (cell?.dataset.sort ?? cell?.textContent ?? "").trim();
  const number = Number.parseFloat(raw.replace(/[\s\u2009,]/g, ""));
  return { raw, number: /^[-\u2212+]?[\d.]/.test(raw) ? number : Number.NaN };
};
const compare = (a, b) => {
  if (!Number.isNaN(a.number) && !Number.isNaN(b.number)) return a.number - b.number;
  if (Number.isNaN(a.number) !== Number.isNaN(b.number)) return Number.isNaN(a.number) ? 1 : -1;
  return a.raw.localeCompare(b.raw, undefined, { numeric: true });
};
const makeSortable = (table) => {
  if (table.dataset.ready || !table.tHead) return;
  table.dataset.ready = "yes";
  for (const [index, th] of [...table.tHead.rows[table.tHead.rows.length - 1].cells].entries()) {
    if (th.hasAttribute("data-unsorted") || !th.textContent.trim() || th.querySelector("a, button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => {
      const falling = th.getAttribute("aria-sort") === "ascending";
      for (const other of th.parentElement.cells) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[index]) }));
      rows.sort((a, b) => compare(a.key, b.key) * (falling ? -1 : 1));
      body.append(...rows.map(({ row }) => row));
    });
  }
};
const ready = (root) => root.querySelectorAll("table.sortable").forEach(makeSortable);
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.target.parentElement ?? document));
