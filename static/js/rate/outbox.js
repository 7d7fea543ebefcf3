/* Answers on their way. Each stays in this browser's storage until the server has said that it is saved. */

import { Refused } from "./net.js";

const WAITS = [1, 2, 4, 8, 15];
const PREFIX = "concord.answer.";

/** Where the answers of a person in a study are kept. */
export const prefixOf = (user, study) => `${PREFIX}${user}.${study}.`;

/** How many answers of other people wait in this browser: nobody sends them but who gave them. */
export function unsentByOthers(user) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    return names.filter((name) => !name.startsWith(`${PREFIX}${user}.`)).length;
  } catch {
    return 0; // storage is switched off
  }
}

export class Outbox {
  /**
   * `send(item)` resolves when it is saved. `on.saved(item, reply)`, `on.failing(error, seconds, count)`,
   * `on.refused(item, error)` and `on.empty()` tell the page what happens.
   */
  constructor({ prefix, send, on }) {
    this.prefix = prefix;
    this.send = send;
    this.on = on;
    this.items = this.#stored();
    this.running = false;
    this.wake = null;
    window.addEventListener("online", () => this.retryNow());
  }

  get size() { return this.items.length; }

  has(key) { return this.items.some((item) => item.key === key); }

  add(item) {
    const dated = { ...item, at: Date.now() };
    this.items.push(dated);
    this.#store(dated);
    this.pump();
  }

  retryNow() { this.wake?.(); }

  /** Sends one after another, in order, until none is left. */
  async pump() {
    if (this.running) return;
    this.running = true;
    for (let attempt = 0; this.items.length; ) {
      const item = this.items[0];
      try {
        const reply = await this.send(item);
        this.#drop(item);
        attempt = 0;
        this.on.saved(item, reply);
      } catch (error) {
        if (error instanceof Refused) {
          this.#drop(item);
          attempt = 0;
          this.on.refused(item, error);
        } else {
          const seconds = WAITS[Math.min(attempt, WAITS.length - 1)];
          attempt += 1;
          this.on.failing(error, seconds, this.items.length);
          await this.#pause(seconds);
        }
      }
    }
    this.running = false;
    this.on.empty();
  }

  #pause(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  #drop(item) {
    this.items = this.items.filter((other) => other !== item);
    try { localStorage.removeItem(this.prefix + item.key); } catch { /* storage is switched off */ }
  }

  #store(item) {
    try { localStorage.setItem(this.prefix + item.key, JSON.stringify(item)); } catch { /* kept in memory then */ }
  }

  #stored() {
    const found = [];
    try {
      for (let place = 0; place < localStorage.length; place += 1) {
        const name = localStorage.key(place);
        if (name.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch { /* storage is switched off or damaged: nothing was kept there */ }
    return found.filter((item) => item && item.key).sort((a, b) => a.at - b.at);
  }
}
