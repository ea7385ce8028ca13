// Sends a comment without leaving the place that it is about; what could not be sent is
// kept in this browser. Without this file the form sends it and the page comes again.
(() => {
  "use strict";

  const page = document.getElementById("reviewing");
  if (!page) return;

  const said = (name, values = {}) =>
    page.dataset[name].replace(/{(\w+)}/g, (_, key) => values[key]);
  const keptAs = (form) => `rapporteur:review:${location.pathname}:${form.dataset.place}`;

  const store = {
    set(name, text) {
      try {
        if (text) localStorage.setItem(name, text);
        else localStorage.removeItem(name);
      } catch { /* it then lasts as long as the page */ }
    },
    get(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return null;
      }
    },
  };

  function say(form, state, text) {
    const line = form.querySelector("[data-ack]");
    line.dataset.state = state;
    line.textContent = text;
  }

  async function send(form, fresh = false) {
    const answer = await fetch(location.pathname, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout?.(10000),
    });
    if (answer.status === 403 && !fresh) {
      const page = await fetch(location.pathname, { headers: { Accept: "application/json" }, cache: "no-store" });
      const { csrf } = await page.json();
      for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = csrf;
      return send(form, true);
    }
    const reply = await answer.json();
    if (answer.status === 200) return sent(form, reply);
    say(form, "refused", reply.message ?? said("failed"));
  }

  function sent(form, reply) {
    const { text } = form.elements;
    store.set(keptAs(form), "");
    text.value = "";
    say(form, "stored", said("sent", { time: reply.clock }));
    const line = document.createElement("p");
    line.className = "kept-text";
    line.textContent = reply.text;
    form.querySelector("[data-ack]").closest(".row").after(line);
    for (const name of document.querySelectorAll('input[name="name"]')) {
      name.value ||= form.elements.name.value;
    }
  }

  for (const form of document.querySelectorAll("form[data-place]")) {
    const { text } = form.elements;
    const kept = store.get(keptAs(form));
    if (kept && !text.value) {
      text.value = kept;
      form.closest("details").open = true;
    }
    text.addEventListener("input", () => store.set(keptAs(form), text.value));
    let sending = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      say(form, "saving", said("sending"));
      try {
        await send(form);
      } catch {
        say(form, "refused", said("failed"));
      }
      sending = false;
    });
  }

  document.getElementById("errors")?.focus();
})();
