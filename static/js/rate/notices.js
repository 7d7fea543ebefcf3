/* Sentences above the task: each has a name, so that the same trouble is said once. */

export class Notices {
  constructor(holder, live) {
    this.holder = holder;
    this.live = live;
  }

  show(name, level, text, { action = "", act = null, closes = false } = {}) {
    let note = this.holder.querySelector(`[data-name="${name}"]`);
    if (!note) {
      note = document.createElement("div");
      note.dataset.name = name;
      this.holder.append(note);
    }
    note.className = `callout callout-${level}`;
    note.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
    if (action || closes) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small";
      button.textContent = action || "Close";
      button.addEventListener("click", () => (action ? act() : note.remove()));
      note.append(button);
    }
  }

  clear(name) {
    this.holder.querySelector(`[data-name="${name}"]`)?.remove();
  }

  signedOut(count) {
    const kept = count === 0 ? "" : count === 1 ? " Your last answer is kept in this browser." : ` Your last ${count} answers are kept in this browser.`;
    this.show("saving", "error", `You are signed out.${kept} Sign in in another tab; this page then goes on by itself.`, {
      action: "Sign in",
      act: () => window.open("/", "_blank", "noopener"),
    });
  }

  announce(text) {
    this.live.textContent = text;
  }
}
