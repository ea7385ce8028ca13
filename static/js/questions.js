// Questions to the speakers: what is typed stays on the phone until it is stored.
//
// <form id="ask">           asks; its text, key and session are kept under the page's name
// <div id="questions">      the board, the same for all; what is one's own is drawn here
// <div id="personal">       data-own, data-supported: keys; data-said-…: words
(() => {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const TRY_EVERY = 5000;
  const { slug, seat } = document.body.dataset;
  const NAME = `rapporteur:${slug}:${seat}:question`;
  const [form, list, personal, told] = [$("ask"), $("questions"), $("personal"), $("asked")];
  const [text, error, count] = [$("text"), $("text-error"), $("text-count")];
  const keys = (word) => new Set((personal.dataset[word] ?? "").split(" ").filter(Boolean));
  const own = keys("own");
  const supported = keys("supported");
  const said = (name, values = {}) =>
    (personal.dataset[`said${name}`] ?? "").replace(/{(\w+)}/g, (_, key) => values[key]);
  document.documentElement.classList.add("js");

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");

  // ---- what is kept ----

  let draft = { text: text.value, key: form.elements.key.value, waits: false };
  try {
    const kept = JSON.parse(localStorage.getItem(NAME));
    if (kept?.text && !text.value) draft = kept;
  } catch { /* nothing is kept then */ }

  function keep(changes) {
    draft = { ...draft, ...changes, at: Date.now() };
    form.elements.key.value = draft.key;
    try {
      if (draft.text) localStorage.setItem(NAME, JSON.stringify(draft));
      else localStorage.removeItem(NAME);
    } catch { /* it stays in the field */ }
  }

  if (draft.text && !text.value) text.value = draft.text;
  form.elements.key.value = draft.key;

  // What was sent under a key is not changed under it: edited, it is another question.
  text.addEventListener("input", () => {
    keep({ text: text.value, key: draft.waits ? newKey() : draft.key, waits: false });
    told.textContent = "";
    drawCount();
  });

  function drawCount() {
    const [n, most] = [[...text.value].length, Number(text.dataset.most)];
    count.hidden = n < most * 0.8;
    count.textContent = n > most ? said("TooLong", { n: n - most }) : said("Characters", { n, of: most });
    count.classList.toggle("too-long", n > most);
  }

  function complain(message) {
    error.textContent = message;
    error.hidden = !message;
    text.closest(".field").classList.toggle("wrong", Boolean(message));
    if (message) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
  }

  // ---- sending ----

  async function post(address, fields) {
    const sent = new FormData($("step"));
    for (const [name, value] of Object.entries(fields)) sent.set(name, value);
    return fetch(address, {
      method: "POST",
      body: new URLSearchParams(sent),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
  }

  const messageOf = async (answer) => (await answer.json().catch(() => ({}))).message;

  let sending = false;

  async function send() {
    if (sending || !draft.waits) return;
    sending = true;
    const { text: words, key, session = "" } = draft;
    try {
      told.textContent = said("Asking");
      const answer = await post(form.getAttribute("action") || location.pathname, { text: words, key, session });
      if (answer.ok) {
        own.add(String((await answer.json()).id));
        if (draft.key === key) {
          keep({ text: "", key: newKey(), waits: false });
          text.value = "";
        }
        told.textContent = said("Asked");
        complain("");
        drawCount();
        draw();
      } else if (answer.status >= 500) {
        throw new Error(answer.status);
      } else {
        if (draft.key === key) keep({ waits: false });
        told.textContent = "";
        const message = await messageOf(answer);
        if (message) complain(message);
        else location.reload(); // no seat here any more
      }
    } catch {
      told.textContent = said("Kept");
    } finally {
      sending = false;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    complain("");
    const session = draft.waits ? draft.session : list.querySelector("[data-session]")?.dataset.session;
    keep({ text: text.value, waits: true, session });
    send();
  });
  setInterval(send, TRY_EVERY);
  document.addEventListener("live:state", ({ detail: { state } }) => state === "live" && send());

  // ---- marks ----

  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button[formaction]");
    if (!button) return;
    event.preventDefault();
    const question = button.closest("[data-question]").dataset.question;
    const isMark = "support" in button.dataset;
    const on = button.value;
    try {
      const answer = await post(button.getAttribute("formaction"), isMark ? { on } : {});
      if (answer.status >= 500) throw new Error(answer.status);
      if (!answer.ok) {
        told.textContent = (await messageOf(answer)) ?? said("Lost");
        return;
      }
      if (!isMark) own.delete(question);
      else if (on === "1") supported.add(question);
      else supported.delete(question);
      told.textContent = said(!isMark ? "Withdrawn" : on === "1" ? "Support" : "NoSupport");
    } catch {
      told.textContent = said("Lost");
    }
    draw();
  });

  function draw() {
    for (const one of list.querySelectorAll("[data-question]")) {
      const { question } = one.dataset;
      const isOwn = own.has(question);
      const button = one.querySelector("[data-support]");
      if (button) {
        const isOn = supported.has(question);
        button.hidden = isOwn;
        button.value = isOn ? "0" : "1";
        button.setAttribute("aria-pressed", String(isOn));
      }
      one.querySelector("[data-yours]").hidden = !isOwn;
      const back = one.querySelector("[data-withdraw]");
      if (back) back.hidden = !isOwn;
    }
    form.hidden = Boolean(list.querySelector("[data-closed]")) && !draft.text;
  }

  document.addEventListener("board:swapped", draw);
  draw();
  drawCount();
  send();
})();
