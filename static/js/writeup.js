// Saves what is written into the document while it is being written. What the server has
// not acknowledged is kept in this browser and tried again; where somebody else saved
// meanwhile both texts are shown. Without this file each form saves by its button.
(() => {
  "use strict";

  const page = document.getElementById("writing");
  if (!page) return;

  document.documentElement.classList.add("js");
  const said = (name, values = {}) =>
    page.dataset[name].replace(/{(\w+)}/g, (_, key) => values[key]);
  const IDLE = 1000; // after the last key
  const DAYS_KEPT = 14;
  const ROOT = "rapporteur:write-up:";

  // ---- what this browser keeps ----

  const memory = new Map(); // where storage is blocked or full
  const store = {
    set(name, value) {
      const text = JSON.stringify({ ...value, at: Date.now() });
      try {
        localStorage.setItem(name, text);
        memory.delete(name);
      } catch {
        memory.set(name, text);
      }
    },
    get(name) {
      try {
        return JSON.parse(memory.get(name) ?? localStorage.getItem(name));
      } catch {
        return null;
      }
    },
    remove(name) {
      memory.delete(name);
      try {
        localStorage.removeItem(name);
      } catch { /* nothing was kept there */ }
    },
  };

  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(ROOT)) continue;
      if (!((store.get(name)?.at ?? 0) > Date.now() - DAYS_KEPT * 86400e3)) store.remove(name);
    }
  } catch { /* nothing is kept */ }

  // ---- one text ----

  class Writing {
    constructor(form) {
      this.form = form;
      this.area = form.elements.text;
      this.name = `${ROOT}${form.dataset.slug}:${form.dataset.place}`;
      this.box = form.closest(".place");
      this.stored = this.area.defaultValue; // as the server has it
      this.failures = 0;
      this.area.addEventListener("input", () => this.typed());
      this.area.addEventListener("blur", () => this.isDirty && this.save());
      form.addEventListener("submit", (event) => this.submitted(event));
      this.resume();
    }

    get isDirty() {
      return this.area.value !== this.stored;
    }

    get version() {
      return this.form.elements.version.value;
    }

    // The buttons beside a text go on from what is stored, too.
    set version(number) {
      for (const input of this.box.querySelectorAll('input[name="version"]')) input.value = number;
    }

    get isRefused() {
      return this.form.querySelector("[role=alert]") !== null;
    }

    submitted(event) {
      clearTimeout(this.timer);
      if (event.submitter?.value !== "save" || this.isRefused) return;
      event.preventDefault();
      if (!this.clash) this.save();
    }

    // What was typed before the page was left, or lost.
    resume() {
      const kept = store.get(this.name);
      // A form that was refused shows what was sent, and what stands in its way.
      if (!kept || this.isRefused) return;
      if (kept.text.trim() === this.stored.trim()) return store.remove(this.name);
      this.area.value = kept.text;
      this.version = kept.version;
      this.sent = kept.sent;
      this.form.closest("details").open = true;
      this.say("kept", said("typing"));
      this.save();
    }

    keep() {
      store.set(this.name, { text: this.area.value, version: this.version, sent: this.sent ?? [] });
    }

    typed() {
      this.keep();
      if (this.clash) return;
      this.say("", said("typing"));
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), IDLE);
    }

    say(state, text) {
      const line = this.form.querySelector("[data-ack]");
      line.dataset.state = state;
      if (line.textContent !== text) line.textContent = text;
    }

    async save() {
      clearTimeout(this.timer);
      if (this.sending || this.clash) return;
      this.sending = true;
      const text = this.area.value;
      // A reply that is lost may have been for any of these.
      this.sent = [...new Set([...(this.sent ?? []), text])].slice(-20);
      this.keep();
      this.say("saving", said("saving"));
      let again = false;
      try {
        again = await this.send(text);
      } catch {
        again = this.failed();
      }
      this.sending = false;
      if (again) this.timer = setTimeout(() => this.save(), again);
    }

    // Return after how many milliseconds to go on, false for not at all.
    async send(text, fresh = false) {
      const content = new URLSearchParams(new FormData(this.form));
      content.set("do", "save");
      content.set("text", text);
      const answer = await fetch(location.pathname, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: content,
        cache: "no-store",
        redirect: "manual",
        signal: AbortSignal.timeout?.(10000),
      });
      if (answer.type === "opaqueredirect") return this.failed(said("out"));
      if (answer.status === 403 && !fresh) {
        await freshToken();
        return this.send(text, true);
      }
      if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) return this.failed();
      const reply = await answer.json();
      if (answer.status === 200) return this.saved(text, reply);
      if (answer.status === 409) return this.meanwhile(reply);
      if (answer.status === 422) {
        this.say("refused", reply.message);
        return false;
      }
      return this.failed();
    }

    saved(text, reply) {
      this.failures = 0;
      this.stored = text;
      this.sent = [];
      this.version = reply.version;
      this.show(reply.html);
      for (const back of this.form.querySelectorAll("[data-back]")) back.hidden = false;
      if (this.isDirty) {
        this.keep();
        this.say("", said("typing"));
        return IDLE;
      }
      store.remove(this.name);
      this.say("stored", said("saved", { time: reply.clock }));
      return false;
    }

    show(html) {
      const reads = this.box.querySelector(".reads");
      const prose = document.createElement("div");
      prose.className = "prose";
      prose.innerHTML = html; // made by the server, which lets no markup through
      if (!html) prose.append(make("p", "quiet", said("nothing")));
      reads.replaceChildren(prose);
      this.box.classList.add("written");
    }

    failed(text = "") {
      this.failures += 1;
      const safe = !memory.has(this.name);
      this.say("kept", text || said(safe ? "kept" : "lost"));
      return Math.min(5000, 500 * 2 ** Math.min(this.failures - 1, 4)) * (0.5 + Math.random() / 2);
    }

    meanwhile(reply) {
      // Our own text, whose acknowledgement was lost.
      if (this.sent.includes(reply.text) && !reply.is_aside) {
        this.version = reply.version;
        return 1;
      }
      this.clash = true;
      this.say("refused", "");
      const card = make("div", "card warn clash");
      card.setAttribute("role", "alert");
      card.append(
        make("p", "", said("meanwhile", { who: reply.who, time: reply.clock })),
        make("pre", "kept-text", reply.text),
      );
      const row = make("div", "row");
      row.append(
        button(said("mine"), () => {
          this.settle(card, reply.version);
          this.save();
        }),
        button(said("theirs"), () => this.takeTheirs(card, reply)),
      );
      card.append(row);
      this.area.before(card);
      return false;
    }

    settle(card, version) {
      card.remove();
      this.clash = false;
      this.version = version;
      this.area.focus();
    }

    takeTheirs(card, reply) {
      const mine = this.area.value;
      this.settle(card, reply.version);
      this.area.value = this.stored = reply.text;
      this.show(reply.html);
      store.remove(this.name);
      this.say("stored", said("saved", { time: reply.clock }));
      const kept = make("div", "card clash");
      kept.append(make("p", "", said("yours")), make("pre", "kept-text", mine));
      const row = make("div", "row");
      row.append(
        button(said("back"), () => {
          kept.remove();
          this.area.value = mine;
          this.typed();
          this.area.focus();
        }),
        button(said("discard"), () => kept.remove()),
      );
      kept.append(row);
      this.form.append(kept);
    }
  }

  function make(tag, cls, text) {
    const element = document.createElement(tag);
    if (cls) element.className = cls;
    if (text) element.textContent = text;
    return element;
  }

  function button(text, act) {
    const element = make("button", "btn small", text);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  async function freshToken() {
    const answer = await fetch(location.pathname, { headers: { Accept: "application/json" }, cache: "no-store" });
    const { csrf } = await answer.json();
    for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = csrf;
  }

  // ---- the page ----

  const every = [...page.querySelectorAll("form[data-place]")].map((form) => new Writing(form));

  window.addEventListener("online", () => {
    for (const one of every) if (one.isDirty) one.save();
  });

  window.addEventListener("beforeunload", (event) => {
    if (memory.size) event.preventDefault();
  });

  page.addEventListener("toggle", (event) => {
    if (event.target.matches("details.write") && event.target.open && event.isTrusted) {
      const area = event.target.querySelector("textarea");
      area.focus({ preventScroll: true });
      area.setSelectionRange(area.value.length, area.value.length);
    }
  }, true);
})();
