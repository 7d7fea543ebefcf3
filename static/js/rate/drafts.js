/* What is half answered: at once in this tab, a moment later on the server. */

import { draftOf, fill } from "./answers.js";
import { call } from "./net.js";

const DELAY = 800;
const name = (key) => `concord.draft.${key}`;

export class Drafts {
  constructor({ url, status }) {
    this.url = url;
    this.status = status;
    this.timer = 0;
    this.pending = null;
  }

  /** The form changed. */
  changed(form) {
    const key = form.dataset.key;
    const draft = draftOf(form);
    this.keep(key, draft);
    this.pending = { key, draft };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), DELAY);
  }

  /** For this tab, at once. */
  keep(key, draft) {
    try { sessionStorage.setItem(name(key), JSON.stringify(draft)); } catch { /* storage is switched off */ }
  }

  /** Send what is waiting. A draft that does not get through is no alarm: the tab still has it. */
  async flush() {
    clearTimeout(this.timer);
    const waiting = this.pending;
    this.pending = null;
    if (!waiting) return;
    try {
      await call(this.url, waiting);
      this.status("Draft saved");
    } catch {
      this.status("Draft kept in this browser");
    }
  }

  restore(form) {
    try {
      const kept = sessionStorage.getItem(name(form.dataset.key));
      if (kept) fill(form, JSON.parse(kept));
    } catch { /* nothing kept */ }
  }

  /** The task was answered or put aside. */
  forget(key) {
    if (this.pending?.key === key) {
      clearTimeout(this.timer);
      this.pending = null;
    }
    try { sessionStorage.removeItem(name(key)); } catch { /* storage is switched off */ }
  }
}
