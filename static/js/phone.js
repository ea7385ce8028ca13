// What a person taps is stored at once, item by item, and what is typed is never lost.
//
// An outbox in localStorage, one entry an item, holds what the server has not yet
// acknowledged; drafts hold text that is still being written. Both survive a reload,
// are tried again until they are answered, and go after twelve hours. Boards are
// swapped by live.js; forms stand in [data-keep] and get their answers back from here.
(() => {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const HOURS_KEPT = 12;
  const ASKED_WITHIN = 400; // in which phones ask whether they are meant, not all at once
  const ROOT = "rapporteur:";

  // ---- what this phone keeps ----

  const memory = new Map(); // where storage is blocked or full
  let storageWorks = true;

  const box = {
    set(name, value) {
      const text = JSON.stringify({ ...value, at: Date.now() });
      try {
        localStorage.setItem(name, text);
        memory.delete(name);
      } catch {
        storageWorks = false;
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
    names(start) {
      let stored = [];
      try {
        stored = Object.keys(localStorage);
      } catch { /* only memory then */ }
      return [...new Set([...stored, ...memory.keys()])].filter((n) => n.startsWith(start));
    },
  };

  for (const name of box.names(ROOT)) {
    const old = Date.now() - HOURS_KEPT * 3600e3;
    if (!((box.get(name)?.at ?? 0) > old)) box.remove(name);
  }

  // Leaving on this device takes everything with it.
  for (const form of document.querySelectorAll("form[data-forget]")) {
    form.addEventListener("submit", () => {
      box.names(`${ROOT}${form.dataset.forget}:`).forEach(box.remove);
    });
  }

  const personal = $("personal");
  if (!personal) return;

  const body = document.body;
  const said = (name, values = {}) =>
    (personal.dataset[`said${name}`] ?? "").replace(/{(\w+)}/g, (_, key) => values[key]);
  const mark = body.dataset.seat;
  const HERE = `${ROOT}${body.dataset.slug}:${mark}:`;
  const OUT = `${HERE}out:`;
  const DRAFT = `${HERE}draft:`;
  let csrf = personal.dataset.csrf;
  document.documentElement.classList.add("js");

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");

  const STATES = ["abstain", "not-discussed"];

  // ---- what is known to be stored, by round and voice ----

  const states = new Map();
  const stateOf = (round, voice) => {
    const name = `${round}:${voice}`;
    if (!states.has(name)) {
      states.set(name, { fields: {}, words: {}, version: 0, answered: 0, finished: false, known: false, earlier: null });
    }
    return states.get(name);
  };

  const stageNow = () => {
    const data = document.querySelector("#own .stage")?.dataset ?? {};
    return { round: data.round ?? "", prompt: data.prompt ?? "", status: data.status ?? "waiting", earlierFrom: data.earlierFrom ?? "", asks: data.asks ?? "", of: Number(data.of ?? 0), opened: Number(data.opened ?? 0) };
  };

  // ---- forms ----

  const formOf = (voice) => $(voice === "tables" ? "t-form" : "a-form");
  const itemsOf = (form) => [...form.querySelectorAll("[data-item]")];
  const isNumbered = (form) => ["rank", "allocate"].includes(form.dataset.kind);
  const isWhole = (form) => isNumbered(form) || ["choose", "approve"].includes(form.dataset.kind);
  const itemOf = (element) =>
    element.closest("[data-item]") ??
    (element.closest("[data-reason-for]") && element.form.querySelector('[data-item=""]'));

  // Other words for an item stand in it as well, and are no part of an answer.
  const REASONS = "textarea:not([data-reword])";

  // The part of a form that belongs to an item: of a pick or an order, the whole form.
  const scope = (form, item) => (isWhole(form) ? form : item);

  function fieldsOf(form, item) {
    const where = scope(form, item);
    const fields = [...where.querySelectorAll("input:checked")].map((i) => [i.name, i.value]);
    const picked = fields.map(([, value]) => value);
    for (const input of numbersOf(form)) {
      const value = input.value.trim() || (form.dataset.kind === "allocate" ? "0" : "");
      if (input.disabled || !value) continue;
      fields.push([input.name, value]);
      if (value !== "0") picked.push(rowOf(input).dataset.about);
    }
    for (const text of where.querySelectorAll(REASONS)) {
      const about = text.closest("[data-reason-for]")?.dataset.reasonFor;
      if (about === undefined || picked.includes(about)) fields.push([text.name, text.value]);
    }
    return fields;
  }

  const isAnswered = (form, item) =>
    scope(form, item).querySelector("input:checked") !== null ||
    numbersOf(form).some((input) => input.value.trim());

  function wordsOf(form, item) {
    if (isNumbered(form) && !isStated(form)) return wordsOfNumbers(form);
    return [...scope(form, item).querySelectorAll("input:checked")].map((input) => {
      const label = input.closest("label");
      const cell = label.querySelector(".cell");
      const legend = item.querySelectorAll("fieldset").length > 1 ? input.closest("fieldset").querySelector("legend")?.textContent.trim() : "";
      return {
        label: [legend, label.querySelector("strong").textContent.trim()].filter(Boolean).join(": "),
        cls: cell ? [...cell.classList].filter((c) => c !== "cell").join(" ") : "",
        sym: cell?.querySelector("use")?.getAttribute("href") ?? "",
        number: cell && !cell.querySelector("use") ? cell.textContent.trim() : "",
      };
    });
  }

  function ack(element, state, text) {
    const line = element?.querySelector("[data-ack]");
    if (!line) return;
    if (state) line.dataset.state = state;
    else delete line.dataset.state;
    if (line.textContent !== text) line.textContent = text;
  }

  // ---- places and points ----

  const numbersOf = (form) => (isNumbered(form) ? [...form.querySelectorAll('input[inputmode="numeric"]')] : []);
  const rowOf = (input) => input.closest("[data-about]");
  const isStated = (form) => form.querySelector('input[name="choice"]:checked') !== null;
  const numberIn = (input) => (/^\s*\d{1,9}\s*$/.test(input.value) ? Number(input.value) : 0);
  const inOrder = (inputs) =>
    [...inputs].sort(
      (a, b) =>
        (numberIn(a) || Infinity) - (numberIn(b) || Infinity) ||
        rowOf(a).dataset.number - rowOf(b).dataset.number,
    );

  function wordsOfNumbers(form) {
    const given = numbersOf(form).filter((input) => !["", "0"].includes(input.value.trim()));
    const points = form.dataset.kind === "allocate";
    return (points ? given : inOrder(given)).map((input) => {
      const { short } = rowOf(input).dataset;
      return { label: points ? `${short}: ${input.value}` : `${input.value}. ${short}`, cls: "", sym: "", number: "" };
    });
  }

  const pointsLeft = (form) =>
    numbersOf(form).reduce((left, input) => left - numberIn(input), Number(form.dataset.total));

  function drawNumbers(form) {
    const inputs = numbersOf(form);
    if (!inputs.length) return;
    const stated = isStated(form);
    const line = form.querySelector(".left-over");
    const left = stated ? Number(form.dataset.total) : pointsLeft(form);
    if (line) {
      const values = { n: Math.abs(left), of: form.dataset.total };
      const pattern = left < 0 ? line.dataset.over : line.dataset.left;
      const text = pattern.replace(/{(\w+)}/g, (_, key) => values[key]);
      if (line.textContent !== text) line.textContent = text;
      line.classList.toggle("over", left < 0);
    }
    const ranked = inputs.filter(numberIn);
    for (const input of inputs) {
      input.disabled = stated;
      const number = numberIn(input);
      for (const press of rowOf(input).querySelectorAll(".step")) {
        const by = Number(press.dataset.by);
        const idle = line
          ? (by < 0 ? number === 0 : left <= 0)
          : (by < 0 ? !canRise(form, ranked, input) : number === 0);
        press.setAttribute("aria-disabled", String(stated || idle));
      }
    }
  }

  function canRise(form, ranked, input) {
    if (!numberIn(input)) return ranked.length < Number(form.dataset.most);
    return numberIn(input) > 1 || ranked.some((other) => other !== input && numberIn(other) === 1);
  }

  // A press on a button: it never leads to an order or a sum that is refused.
  function step(press) {
    const { form } = press;
    const input = rowOf(press).querySelector('input[inputmode="numeric"]');
    const by = Number(press.dataset.by);
    if (press.getAttribute("aria-disabled") === "true") return;
    if (form.dataset.kind === "allocate") {
      const wanted = by < 0 ? by : Math.min(by, pointsLeft(form));
      input.value = Math.max(0, numberIn(input) + wanted);
    } else {
      place(form, input, by);
      sortRows(form, press);
      const { short } = rowOf(input).dataset;
      announce(input.value ? said("Placed", { item: short, place: input.value }) : said("LeftOut", { item: short }));
    }
    numbersChanged(form);
  }

  function place(form, input, by) {
    const ties = "ties" in form.dataset;
    const levels = [];
    for (const other of inOrder(numbersOf(form).filter(numberIn))) {
      const last = levels.at(-1);
      if (ties && last && numberIn(last[0]) === numberIn(other)) last.push(other);
      else levels.push([other]);
    }
    const at = levels.findIndex((level) => level.includes(input));
    const next = at + by;
    const beside = at < 0 ? [] : levels[at].filter((other) => other !== input);
    if (at < 0) levels.push([input]);
    else if (beside.length) levels.splice(at, 1, ...(by < 0 ? [[input], beside] : [beside, [input]]));
    else if (next < 0) return;
    else if (next === levels.length) {
      levels.splice(at, 1);
      input.value = "";
    } else if (ties) {
      levels[next].push(input);
      levels.splice(at, 1);
    } else {
      levels.splice(at, 1);
      levels.splice(next, 0, [input]);
    }
    levels.forEach((level, before) => level.forEach((other) => { other.value = before + 1; }));
  }

  // Rows stand in the order that was given. What is under the finger stays there.
  function sortRows(form, held = null) {
    const list = form.querySelector("ol.rank");
    if (!list) return;
    const rows = inOrder(numbersOf(form)).map(rowOf);
    if (rows.every((row, at) => row === list.children[at])) return;
    const top = held?.getBoundingClientRect().top ?? 0;
    list.append(...rows);
    if (!held) return;
    held.focus({ preventScroll: true });
    scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
  }

  const numbersDraft = (form) => `${DRAFT}${form.dataset.round}:${form.dataset.voice}:~numbers`;

  function keepNumbers(form) {
    const values = Object.fromEntries(numbersOf(form).map((input) => [input.name, input.value]));
    box.set(numbersDraft(form), { values });
  }

  // Whether more was written than what was sent, or nothing of it was taken.
  function isDrafted(form, sent = {}) {
    const written = isStated(form) ? null : box.get(numbersDraft(form))?.values;
    return Boolean(written) && numbersOf(form).some(({ name }) => amount(written[name]) !== amount(sent[name]?.[0]));
  }

  // An empty field says the same as a 0.
  const amount = (text) => (text ?? "").trim().replace(/^0$/, "");

  function numbersChanged(form) {
    for (const input of numbersOf(form)) clearTimeout(typing.get(input));
    keepNumbers(form);
    drawNumbers(form);
    enqueue(form, findItem(form, ""));
  }

  const findItem = (form, key) => itemsOf(form).find((item) => item.dataset.item === key);

  function showError(form, field, message) {
    const escaped = CSS.escape(field);
    return showErrorAt(form.querySelector(`:is(textarea, input[type="text"])[name="${escaped}"]`), message);
  }

  function showErrorAt(text, message) {
    const line = text && $(`${text.id}-error`);
    if (!line) return false;
    line.textContent = message;
    line.hidden = !message;
    text.closest(".field, [data-about]")?.classList.toggle("wrong", Boolean(message));
    if (message) {
      text.setAttribute("aria-invalid", "true");
      const folded = text.closest("details");
      if (folded) folded.open = true;
    } else {
      text.removeAttribute("aria-invalid");
    }
    return true;
  }

  function count(text) {
    const line = text.closest(".field")?.querySelector("[data-count]");
    if (!line) return;
    const most = Number(text.dataset.most);
    const length = [...text.value].length;
    line.hidden = length < most * 0.5;
    line.textContent = length > most ? said("TooLong", { n: length - most }) : said("Characters", { n: length, of: most });
  }

  // ---- drafts ----

  const reasonDraft = (form, name) => `${DRAFT}${form.dataset.round}:${form.dataset.voice}:${name}`;
  const pointDraft = (form) => `${DRAFT}point:${form.dataset.prompt}:${form.elements.as.value}`;

  function keepReason(text) {
    const form = text.form;
    const item = text.closest("[data-reason-for], [data-item]");
    const about = rowOf(text)?.dataset.short ?? item.querySelector("h2, p")?.textContent.trim() ?? "";
    const stored = stateOf(form.dataset.round, form.dataset.voice).fields[text.name]?.[0] ?? "";
    if (text.value === stored) box.remove(reasonDraft(form, text.name));
    else {
      box.set(reasonDraft(form, text.name), {
        text: text.value, about, round: form.dataset.round, prompt: stageNow().prompt,
        item: item.dataset.reasonFor ?? item.dataset.item, voice: form.dataset.voice,
      });
    }
  }

  function keepPoint(form) {
    const data = new FormData(form);
    const text = data.get("text");
    if (!text) return box.remove(pointDraft(form));
    box.set(pointDraft(form), {
      text, kind: data.get("kind"), items: data.getAll("items"), about: form.dataset.question,
      prompt: form.dataset.prompt, as: data.get("as"), url: form.action,
    });
  }

  // ---- the outbox ----

  let sequence = Date.now();
  let sending = null;
  let failures = 0;
  let timer;
  let over = false;

  const pending = (round, voice, item) => box.get(`${OUT}${round}:${voice}:${item}`);

  function put(name, entry) {
    box.set(name, { key: newKey(), seq: (sequence += 1), ...entry });
    if (!storageWorks) banner(said("Full"));
    pump();
  }

  function enqueue(form, item) {
    const { round, voice } = form.dataset;
    const key = item.dataset.item;
    const name = `${OUT}${round}:${voice}:${key}`;
    const held = isWhole(form) ? heldBack(form) : "";
    if (held) {
      box.remove(name);
      return ack(item, "kept", held);
    }
    const words = wordsOf(form, item);
    ack(item, "saving", said("Storing"));
    drawEarlier(form);
    put(name, {
      url: form.getAttribute("action"), fields: fieldsOf(form, item), round, voice, item: key,
      words, about: item.querySelector("h2")?.textContent.trim() ?? "", prompt: stageNow().prompt,
    });
  }

  function heldBack(form) {
    const picked = [...form.querySelectorAll('input[name="choice"]:checked')].map((i) => i.value);
    if (picked.some((value) => STATES.includes(value))) return "";
    if (isNumbered(form)) {
      return isAnswered(form) ? "" : form.querySelector("legend").textContent.trim();
    }
    const { least, most } = form.dataset;
    const fits = picked.length >= Number(least) && picked.length <= Number(most);
    if (form.dataset.kind === "choose" || fits) return "";
    return form.querySelector("legend")?.textContent.trim() ?? "";
  }

  const entries = () =>
    box.names(OUT)
      .map((name) => ({ name, ...box.get(name) }))
      .filter((entry) => entry.url)
      .sort((a, b) => a.seq - b.seq);

  async function pump() {
    clearTimeout(timer);
    if (sending || over) return;
    const entry = entries().find((e) => !blocked.has(e.name));
    if (!entry) return;
    sending = entry;
    let outcome = "failed";
    try {
      outcome = await send(entry);
    } catch { /* no answer: tried again */ }
    sending = null;
    if (outcome === "failed") {
      failures += 1;
      for (const waiting of entries()) if (!blocked.has(waiting.name)) shown(waiting, "kept", said("Kept"));
      const wait = Math.min(5000, 500 * 2 ** Math.min(failures - 1, 4));
      timer = setTimeout(pump, wait * (0.5 + Math.random() / 2));
    } else {
      failures = 0;
      pump();
    }
  }

  function hurry() {
    failures = 0;
    pump();
  }

  // Held until the person decides between two answers.
  const blocked = new Set();

  function shown(entry, state, text) {
    if (entry.reword) return ackReword(rewordOf(entry), state, text);
    if (entry.point) return ack(pointForm(entry), state, text);
    const form = formOf(entry.voice);
    if (form?.dataset.round !== entry.round) return;
    ack(findItem(form, entry.item), state, text);
  }

  async function send(entry, retried = false) {
    const content = new URLSearchParams(entry.fields);
    content.set("key", entry.key);
    const state = stateOf(entry.round, entry.voice);
    const base = state.version;
    if (entry.voice === "tables" && !entry.point && state.known) content.set("version", base);
    const answer = await fetch(entry.url, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": csrf },
      body: content,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout?.(10000),
    });
    if (answer.status === 403 && !retried) {
      await freshToken();
      return send(entry, true);
    }
    const kind = answer.headers.get("Content-Type") ?? "";
    if (!kind.startsWith("application/json")) return "failed";
    const reply = await answer.json();
    const same = box.get(entry.name)?.key === entry.key;
    if (answer.status === 200) return stored(entry, reply, same);
    if (answer.status === 409) return refused(entry, reply, same);
    if (answer.status === 422) return invalid(entry, reply.errors, same);
    if (reply.error === "not-joined" || reply.error === "removed") {
      over = true;
      banner(said("Gone"), "error");
      return "gone";
    }
    return "failed";
  }

  async function freshToken() {
    const answer = await fetch(body.dataset.mineUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
    csrf = (await answer.json()).csrf;
    for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = csrf;
  }

  function stored(entry, reply, same) {
    if (same) box.remove(entry.name);
    if (entry.reword) return rewordStored(entry, reply);
    if (entry.point) return pointStored(entry, reply);
    if (entry.finish) {
      stateOf(entry.round, entry.voice).finished = reply.finished;
      drawFooter();
      return "stored";
    }
    const state = stateOf(entry.round, entry.voice);
    state.version = reply.version;
    state.answered = reply.answered;
    state.known = true;
    remember(state, entry.fields, entry.item, entry.words);
    for (const [name, value] of entry.fields) {
      const draft = `${DRAFT}${entry.round}:${entry.voice}:${name}`;
      if (box.get(draft)?.text === value) box.remove(draft);
    }
    const form = formOf(entry.voice);
    if (same && form?.dataset.round === entry.round) {
      const item = findItem(form, entry.item);
      for (const [name] of entry.fields) showError(form, name, "");
      for (const input of numbersOf(form)) showError(form, input.name, "");
      const more = isDrafted(form, grouped(entry.fields));
      if (!more) box.remove(numbersDraft(form));
      const dirty = more || [...scope(form, item).querySelectorAll(REASONS)].some((t) => box.get(reasonDraft(form, t.name)));
      ack(item, dirty ? "kept" : "stored", dirty ? said("Typing") : said("Stored", { time: reply.clock }));
    }
    drawFooter();
    fillSlots();
    showOthers(entry.voice);
    return "stored";
  }

  function remember(state, fields, item, words) {
    for (const name of Object.keys(state.fields)) {
      if (item === "" || name.split(".")[1] === item) delete state.fields[name];
    }
    for (const [name, value] of fields) {
      if (value) (state.fields[name] ??= []).push(value);
    }
    state.words[item] = words;
  }

  function refused(entry, reply, same) {
    if (!same) return "refused";
    if (entry.point) return pointRefused(entry, reply);
    if (reply.error === "stale") return clash(entry, reply);
    box.remove(entry.name);
    if (entry.finish) {
      drawFooter();
      banner(reply.message);
      return "refused";
    }
    const text = reply.error === "not-scribe" ? said("Scribe") : reply.error === "closed" ? said("Closed") : reply.message;
    shown(entry, "refused", text);
    keepRefused(entry, text);
    return "refused";
  }

  // What came too late is shown, with its text, until the person throws it away.
  function keepRefused(entry, why) {
    const texts = entry.fields.filter(([name, value]) => name.startsWith("reason.") && value);
    for (const [name] of texts) box.remove(`${DRAFT}${entry.round}:${entry.voice}:${name}`);
    box.set(`${HERE}refused:${entry.round}:${entry.voice}:${entry.item}`, {
      why, about: entry.about, words: entry.words.map((word) => word.label).join(", "),
      text: texts.map(([, value]) => value).join("\n\n"), prompt: entry.prompt, item: entry.item,
    });
    drawKept();
  }

  function invalid(entry, errors, same) {
    if (!same) return "refused";
    box.remove(entry.name);
    if (entry.reword) return rewordInvalid(rewordOf(entry), errors);
    const form = entry.point ? pointForm(entry) : formOf(entry.voice);
    if (!form || (!entry.point && form.dataset.round !== entry.round)) return "refused";
    let other = "";
    if (!entry.point) for (const input of numbersOf(form)) showError(form, input.name, "");
    for (const [field, message] of Object.entries(errors)) {
      if (!showError(form, field, message)) other = message;
    }
    shown(entry, "refused", other || said("Refused"));
    if (entry.point) form.elements.text.readOnly = false;
    return "refused";
  }

  // ---- the table's answer was changed on another device ----

  const named = (fields, item) =>
    JSON.stringify(Object.entries(fields).filter(([n, v]) => (item === "" || n.split(".")[1] === item) && v.join("")).sort());

  function clash(entry, reply) {
    const state = stateOf(entry.round, entry.voice);
    const untouched = named(state.fields, entry.item) === named(reply.fields, entry.item);
    state.version = reply.version;
    state.fields = reply.fields;
    state.known = true;
    // Another item was changed there, not this one: nobody overwrites anybody.
    if (untouched) return "again";
    const form = formOf(entry.voice);
    const item = form?.dataset.round === entry.round && findItem(form, entry.item);
    if (!item) {
      box.remove(entry.name);
      keepRefused(entry, said("Stale"));
      return "refused";
    }
    blocked.add(entry.name);
    ack(item, "refused", said("Stale"));
    item.querySelector(".clash")?.remove();
    const card = make("div", "clash card");
    card.append(make("p", "", said("TheirsIs", { text: inWords(form, entry.item, reply.fields) })));
    const row = make("div", "row");
    row.append(
      button(said("Mine"), () => {
        card.remove();
        blocked.delete(entry.name);
        enqueue(form, item);
      }),
      button(said("Theirs"), () => {
        card.remove();
        blocked.delete(entry.name);
        box.remove(entry.name);
        for (const text of scope(form, item).querySelectorAll(REASONS)) box.remove(reasonDraft(form, text.name));
        box.remove(numbersDraft(form));
        apply(form, item);
      }),
    );
    card.append(row);
    item.append(card);
    return "clash";
  }

  function inWords(form, item, fields) {
    const words = [];
    for (const [name, values] of Object.entries(fields)) {
      if (item !== "" && name.split(".")[1] !== item) continue;
      for (const value of values) {
        const number = numbersOf(form).find((input) => input.name === name);
        const input = form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
        if (number) words.push(`${rowOf(number).dataset.short}: ${value}`);
        else words.push(input ? input.closest("label").querySelector("strong").textContent.trim() : value);
      }
    }
    return words.join("; ") || "–";
  }

  // ---- giving a form its answers back ----

  // Answers not yet acknowledged first, then what is stored; text being written stays.
  function apply(form, item) {
    const { round, voice } = form.dataset;
    const state = stateOf(round, voice);
    const waiting = pending(round, voice, item.dataset.item);
    const earlier = !waiting && earlierOf(form, item);
    const values = waiting ? grouped(waiting.fields) : earlier || state.fields;
    const where = scope(form, item);
    for (const input of where.querySelectorAll("input:is([type=radio], [type=checkbox])")) {
      input.checked = (values[input.name] ?? []).includes(input.value);
    }
    applyNumbers(form, values, Boolean(waiting));
    let drafted = !waiting && isDrafted(form, values);
    for (const text of where.querySelectorAll(REASONS)) {
      const draft = box.get(reasonDraft(form, text.name));
      const value = draft?.text ?? values[text.name]?.[0] ?? "";
      drafted ||= Boolean(draft);
      if (text !== document.activeElement && text.value !== value) text.value = value;
      if (value) text.closest("details").open = true;
      count(text);
    }
    if (isAnswered(form, item) && !earlier) state.words[item.dataset.item] ??= wordsOf(form, item);
    if (waiting) ack(item, "kept", said("Kept"));
    else if (earlier) ack(item, "earlier", said("Earlier"));
    else if (drafted) ack(item, "kept", said("Typing"));
    else if (!isAnswered(form, item)) ack(item, "", "");
    else if (item.querySelector("[data-ack]")?.dataset.state !== "stored") ack(item, "stored", said("Stored", { time: "" }).trim());
    drawPicked(form);
  }

  // What was answered in an earlier round, while nothing of it is stored in this one.
  function earlierOf(form, item) {
    const { fields, version, earlier } = stateOf(form.dataset.round, form.dataset.voice);
    const about = item.dataset.item;
    const mine = (known) => Object.fromEntries(Object.entries(known).filter(([name]) => about === "" || name.split(".")[1] === about));
    const isStored = about === "" ? version > 0 : Object.keys(mine(fields)).length > 0;
    const found = isStored || !earlier ? {} : mine(earlier);
    return Object.keys(found).length ? found : null;
  }

  function drawEarlier(form) {
    const note = form?.querySelector("[data-earlier-note]");
    if (note) note.hidden = !itemsOf(form).some((item) => item.querySelector('[data-ack][data-state="earlier"]'));
  }

  // A phone that answered all of it knows what; others ask, not all in one second.
  function findEarlier({ round, earlierFrom, of }) {
    const state = stateOf(round, "people");
    if (!earlierFrom || state.earlier) return;
    const before = stateOf(earlierFrom, "people");
    if (before.known && before.answered >= of) state.earlier = before.fields;
    else askMine(round, 3000);
  }

  // What was written and is not stored, because it is wrong or still being written, stays;
  // so do the numbers under an answer that has none.
  function applyNumbers(form, values, isWaiting) {
    const inputs = numbersOf(form);
    if (!inputs.length) return;
    const written = isWaiting ? null : box.get(numbersDraft(form))?.values;
    for (const input of isStated(form) ? [] : inputs) {
      const value = written?.[input.name] ?? values[input.name]?.[0] ?? "";
      if (input !== document.activeElement && amount(input.value) !== amount(value)) input.value = value;
    }
    if (!form.querySelector("ol").contains(document.activeElement)) sortRows(form);
    drawNumbers(form);
  }

  const grouped = (fields) => {
    const values = {};
    for (const [name, value] of fields) (values[name] ??= []).push(value);
    return values;
  };

  function drawPicked(form) {
    if (!isWhole(form) || isNumbered(form)) return;
    const picked = [...form.querySelectorAll('input[name="choice"]:checked')].map((i) => i.value);
    for (const block of form.querySelectorAll("[data-reason-for]")) {
      block.hidden = !picked.includes(block.dataset.reasonFor);
    }
  }

  function applyAll(form) {
    for (const item of itemsOf(form)) apply(form, item);
    drawEarlier(form);
  }

  // Where the answers are shown read only.
  function fillSlots() {
    const { round } = stageNow();
    if (!round) return;
    const state = stateOf(round, "people");
    if (!state.known) return;
    for (const slot of document.querySelectorAll("#own [data-mine]")) {
      const item = slot.dataset.mine;
      const words = state.words[item] ?? [];
      if (!words.length) continue;
      slot.replaceChildren(...words.map(answerLine));
      const reason = state.fields[`reason.${item}`]?.[0];
      if (reason) slot.append(make("p", "reason-said", reason));
    }
  }

  function answerLine(word) {
    const line = make("p", "answer");
    if (word.cls) {
      const cell = make("span", `cell ${word.cls}`, word.number);
      cell.setAttribute("aria-hidden", "true");
      if (word.sym) {
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        use.setAttribute("href", word.sym.startsWith("#") ? word.sym : `#${word.sym}`);
        svg.append(use);
        cell.append(svg);
      }
      line.append(cell);
    }
    line.append(make("span", "", word.label));
    return line;
  }

  function make(tag, cls, text = "") {
    const element = document.createElement(tag);
    if (cls) element.className = cls;
    if (text) element.textContent = text;
    return element;
  }

  function button(text, action) {
    const element = make("button", "btn small", text);
    element.type = "button";
    element.addEventListener("click", action);
    return element;
  }

  // Another device of the same person may know more: asked only where this phone has
  // not seen the round from its start.
  async function askMine(round, wait = 1500) {
    await new Promise((done) => setTimeout(done, Math.random() * wait));
    try {
      const url = body.dataset.mineUrl.replace(/0\/$/, `${round}/`);
      const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      const reply = await answer.json();
      csrf = reply.csrf;
      learnAsked(String(round), reply.asked);
      const state = stateOf(round, "people");
      Object.assign(state, { fields: reply.fields, version: reply.version, answered: reply.answered, finished: reply.finished, words: reply.words ?? {}, earlier: reply.earlier, known: true });
      const form = formOf("people");
      if (form?.dataset.round === String(round)) applyAll(form);
      drawFooter();
      fillSlots();
      showOthers("people");
    } catch { /* asked again when the page is shown again */ }
  }

  // ---- who is asked, where not everybody is ----

  const askedIn = new Map(); // rounds that ask some people, as the server has said

  // Undefined while this phone does not know it yet.
  function isAsked({ dataset: { audience, tables, round } }) {
    return audience === "tables" ? tables.split(" ").includes(body.dataset.table) : askedIn.get(round);
  }

  function drawAsked() {
    const stage = document.querySelector("#own .stage[data-audience]");
    if (!stage) return;
    const asked = isAsked(stage);
    if (asked !== undefined) stage.classList.toggle("is-asked", asked);
    else if (!stage.classList.contains("is-asked")) askMine(stage.dataset.round, ASKED_WITHIN);
  }

  let unsure = ""; // the round that shows to this phone once it is known to be asked

  function learnAsked(round, asked) {
    askedIn.set(round, asked);
    if (round === unsure && asked) chooseAgain();
    drawAsked();
  }

  function chooseAgain() {
    unsure = "";
    $("own").dispatchEvent(new CustomEvent("board:choose", { bubbles: true }));
  }

  // Where some are asked in the middle of a question, the others go on with that.
  document.addEventListener("board:came", ({ detail: { content } }) => {
    const others = content.querySelector(".stage.for-others");
    const stage = content.querySelector(".stage[data-audience]");
    if (!others || !stage) return;
    const asked = isAsked(stage);
    if (asked === undefined) askMine((unsure = stage.dataset.round), ASKED_WITHIN);
    (asked ? others : stage).remove();
  });

  // ---- the room's answers, for who has answered ----

  const others = new Map();
  let othersAt = 0;

  async function showOthers(voice) {
    const place = document.querySelector("#own [data-results-url]");
    if (!place || voice !== "people") return;
    const { round, of } = stageNow();
    if (stateOf(round, "people").answered < of) return;
    if (others.has(round) && !place.firstChild) place.innerHTML = others.get(round);
    if (Date.now() - othersAt < 5000) return;
    othersAt = Date.now();
    try {
      const answer = await fetch(place.dataset.resultsUrl, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
      if (!answer.ok) return;
      const html = await answer.text();
      others.set(round, html);
      const now = document.querySelector("#own [data-results-url]");
      if (stageNow().round === round && now) now.innerHTML = html;
    } catch { /* comes with the next answer */ }
  }

  // ---- points ----

  const pointForm = (entry) => {
    const form = $(entry.as === "table" ? "table-point" : "me-point");
    return form?.dataset.prompt === entry.prompt ? form : null;
  };

  function sendPoint(form) {
    const text = form.elements.text;
    showError(form, "text", "");
    const data = new FormData(form);
    const fields = [...data].filter(([name]) => ["text", "kind", "items", "as"].includes(name));
    keepPoint(form);
    if (text.value.trim()) text.readOnly = true; // until it is answered, so that it is sent once
    ack(form, "saving", said("Storing"));
    put(`${OUT}point:${form.dataset.prompt}:${data.get("as")}`, {
      url: form.getAttribute("action"), fields, point: true, prompt: form.dataset.prompt,
      as: data.get("as"), round: "", voice: "", item: "",
    });
  }

  function pointStored(entry, reply) {
    const form = pointForm(entry);
    box.remove(`${DRAFT}point:${entry.prompt}:${entry.as}`);
    if (form) {
      form.elements.text.value = "";
      form.elements.text.readOnly = false;
      for (const tick of form.querySelectorAll('input[name="items"]')) tick.checked = false;
      count(form.elements.text);
      ack(form, "stored", said("SentPoint", { time: reply.clock }));
    }
    if (entry.as === "me") addPoint(entry.prompt, reply);
    drawKept();
    return "stored";
  }

  function pointRefused(entry, reply) {
    const form = pointForm(entry);
    box.remove(entry.name);
    if (entry.reword) {
      const text = rewordOf(entry);
      if (text) text.readOnly = false;
      ackReword(text, "refused", reply.error === "not-scribe" ? said("Scribe") : reply.message);
      drawKept();
      return "refused";
    }
    if (form) {
      form.elements.text.readOnly = false;
      ack(form, "refused", reply.error === "not-scribe" ? said("Scribe") : reply.message);
    }
    drawKept();
    return "refused";
  }

  function addPoint(prompt, reply) {
    if ($(`point-${reply.id}`)) return;
    const list = document.querySelector("#my-points .said");
    const line = make("li", "");
    line.id = `point-${reply.id}`;
    line.dataset.prompt = prompt;
    line.append(make("p", "", reply.text), make("small", "", `${reply.kind} · ${reply.clock}`));
    const form = make("form", "");
    form.method = "post";
    form.action = reply.withdraw;
    const token = make("input", "");
    token.type = "hidden";
    token.name = "csrfmiddlewaretoken";
    token.value = csrf;
    form.append(token, make("button", "btn small quiet", said("Withdraw")));
    line.append(form);
    list.prepend(line);
    drawPoints();
  }

  function drawPoints() {
    const section = $("my-points");
    const { prompt } = stageNow();
    let any = false;
    for (const line of section.querySelectorAll(".said > li")) {
      line.dataset.prompt ??= section.dataset.prompt;
      line.hidden = line.dataset.prompt !== prompt;
      any ||= !line.hidden;
    }
    section.hidden = !any;
  }

  function applyPoint(form) {
    const draft = box.get(pointDraft(form));
    const text = form.elements.text;
    if (draft && text !== document.activeElement) {
      text.value = draft.text;
      for (const tick of form.querySelectorAll('input[name="items"]')) tick.checked = draft.items?.includes(tick.value);
      for (const radio of form.querySelectorAll('input[type="radio"][name="kind"]')) radio.checked = radio.value === draft.kind;
      form.closest("details").open = true;
    }
    text.readOnly = Boolean(box.get(`${OUT}point:${form.dataset.prompt}:${form.elements.as.value}`));
    count(text);
  }

  // ---- other words for an item, in its place ----

  const rewordings = () => document.querySelectorAll("textarea[data-reword]");
  const rewordName = (text) => `point:${text.form.dataset.prompt}:${text.form.elements.as.value}:${text.dataset.reword}`;
  const rewordOf = (entry) => [...rewordings()].find((text) => OUT + rewordName(text) === entry.name);
  const ackReword = (text, state, words) => ack(text?.closest(".reword"), state, words);

  // Nothing is kept before somebody has changed a word.
  function keepReword(text) {
    const name = DRAFT + rewordName(text);
    if (text.value === text.defaultValue) return box.remove(name);
    box.set(name, {
      text: text.value, kind: "rewording", items: [text.dataset.reword], prompt: text.form.dataset.prompt,
      about: findItem(formOf(text.form.elements.as.value === "table" ? "tables" : "people"), text.dataset.reword)?.querySelector("h2").textContent.trim() ?? "",
    });
  }

  function sendReword(text) {
    const form = text.form;
    showErrorAt(text, "");
    keepReword(text);
    text.readOnly = true; // until it is answered, so that it is sent once
    ackReword(text, "saving", said("Storing"));
    put(OUT + rewordName(text), {
      url: form.getAttribute("action"), point: true, reword: true, prompt: form.dataset.prompt, as: form.elements.as.value,
      fields: [["text", text.value], ["kind", "rewording"], ["items", text.dataset.reword], ["as", form.elements.as.value]],
      round: "", voice: "", item: "",
    });
  }

  function rewordStored(entry, reply) {
    const text = rewordOf(entry);
    box.remove(entry.name.replace(OUT, DRAFT));
    if (text) {
      text.value = text.defaultValue;
      text.readOnly = false;
      text.closest("details").open = false;
      ackReword(text, "stored", said("SentPoint", { time: reply.clock }));
    }
    if (entry.as === "me") addPoint(entry.prompt, reply);
    drawKept();
    return "stored";
  }

  function rewordInvalid(text, errors) {
    if (!text) return "refused";
    text.readOnly = false;
    showErrorAt(text, Object.values(errors)[0]);
    ackReword(text, "", "");
    return "refused";
  }

  function applyRewords() {
    for (const text of rewordings()) {
      const draft = box.get(DRAFT + rewordName(text));
      if (draft && text !== document.activeElement) text.value = draft.text;
      if (draft) text.closest("details").open = true;
      text.readOnly = Boolean(box.get(OUT + rewordName(text)));
      count(text);
    }
  }

  const stances = JSON.parse(personal.dataset.stances);

  function drawStances() {
    for (const button of document.querySelectorAll('button[form="stance"]')) {
      const [voice, proposal, stance] = button.value.split(":");
      const now = stances[`${voice}:${proposal}`] ?? "none";
      if (stance === "none") button.hidden = now === "none";
      else button.setAttribute("aria-pressed", String(now === stance));
    }
    const told = (one) => ["me", "table"].some((voice) => `${voice}:${one.id.split("-")[1]}` in stances);
    const way = document.querySelector(".to-proposals");
    if (way) way.hidden = [...document.querySelectorAll(".proposal[id]")].every(told);
  }

  // ---- what has no form any more ----

  function drawKept() {
    const place = $("kept");
    place.querySelectorAll(".card").forEach((card) => card.remove());
    for (const name of box.names(`${HERE}refused:`)) place.append(keptCard(name, box.get(name)));
    for (const name of box.names(DRAFT)) {
      const draft = box.get(name);
      if (draft?.text?.trim() && !isVisible(name)) place.append(keptCard(name, draft));
    }
    place.hidden = !place.querySelector(".card");
    $("kept-note").hidden = place.hidden;
  }

  function isVisible(name) {
    const forms = [...document.querySelectorAll("#a-form, #t-form, #me-point, #table-point")];
    if ([...rewordings()].some((text) => DRAFT + rewordName(text) === name)) return true;
    return forms.some((form) =>
      form.dataset.voice
        ? [...form.querySelectorAll(REASONS)].some((t) => reasonDraft(form, t.name) === name)
        : pointDraft(form) === name,
    );
  }

  function keptCard(name, kept) {
    const card = make("div", "card kept");
    if (kept.about) card.append(make("p", "quiet", kept.about));
    if (kept.words) card.append(make("p", "answer", kept.words));
    if (kept.text) card.append(make("p", "kept-text", kept.text));
    if (kept.why) card.append(make("p", "error", kept.why));
    const row = make("div", "row");
    if (kept.text && kept.prompt) row.append(button(said("SendPoint"), () => sendKept(name, kept)));
    row.append(button(said("Discard"), () => {
      box.remove(name);
      drawKept();
    }));
    card.append(row);
    return card;
  }

  function sendKept(name, kept) {
    const slug = `/w/${body.dataset.slug}/points/${kept.prompt}/`;
    const kind = kept.kind ?? "point";
    const fields = [["text", kept.text], ["kind", kind], ["as", "me"]];
    for (const item of kept.items ?? (kept.item ? [kept.item] : [])) fields.push(["items", item]);
    box.remove(name);
    box.set(`${DRAFT}point:${kept.prompt}:kept`, { text: kept.text, about: kept.about, prompt: kept.prompt, items: kept.items, kind });
    put(`${OUT}point:${kept.prompt}:kept`, { url: slug, fields, point: true, prompt: kept.prompt, as: "kept", round: "", voice: "", item: "" });
    drawKept();
  }

  // ---- round the board ----

  function drawFooter() {
    const { round, status, of } = stageNow();
    const footer = $("footer");
    const asked = !document.querySelector("#own .stage[data-audience]:not(.is-asked)");
    footer.hidden = status !== "open" || !of || !asked || body.dataset.tab === "ours";
    if (footer.hidden) return;
    const state = stateOf(round, "people");
    const line = $("progress-text");
    $("progress").max = of;
    $("progress").value = state.answered;
    line.textContent = state.answered >= of ? line.dataset.done : line.dataset.text.replace("{n}", state.answered).replace("{of}", of);
    const press = $("finish").querySelector("button");
    press.setAttribute("aria-pressed", String(state.finished));
    press.textContent = state.finished ? press.dataset.on : press.dataset.off;
    press.disabled = !state.version && !state.finished;
    $("finish").elements.finished.value = state.finished ? "0" : "1";
  }

  function banner(text, level = "") {
    const line = $("banner");
    line.textContent = text;
    line.dataset.state = level;
    delete line.dataset.by;
    line.hidden = false;
  }

  function announce(text) {
    $("announce").textContent = text;
  }

  // ---- good news leaves by itself ----

  // With the next stage, or after a while in sight; what went wrong stays.
  const SAID_FOR = 10000;
  const goodNews = () => [...document.querySelectorAll("main > .messages .success")];

  function leaveLater(line) {
    setTimeout(() => {
      if (!line.isConnected) return;
      if (document.hidden || isHeld(line)) leaveLater(line);
      // Under an open question its place stays, so that nothing moves under a finger.
      else if (stageNow().status === "open") line.classList.add("gone");
      else leave(line);
    }, SAID_FOR);
  }

  const isHeld = (line) => line.contains(document.activeElement);

  function leave(line) {
    const main = $("main");
    const height = main.offsetHeight;
    const top = scrollY;
    const news = line.closest(".messages");
    line.remove();
    if (!news.querySelector("li")) news.remove();
    // What people look at stays where it is, also where the browser sees to that itself.
    scrollTo({ left: scrollX, top: top - height + main.offsetHeight, behavior: "instant" });
  }

  // Where a person is writing, nothing takes the focus away.
  function mayMoveFocus() {
    const now = document.activeElement;
    return !now || now === body || !now.matches("textarea, input, select") || !now.isConnected;
  }

  let last = stageNow();

  function stageSwapped() {
    const now = stageNow();
    clearLeftovers($("own"), now);
    drawAsked();
    const form = formOf("people");
    const state = now.round && stateOf(now.round, "people");
    if (now.round && !state.known) {
      const offset = Number(document.documentElement.dataset.clockOffset ?? 0);
      const opened = now.opened * 1000;
      const age = Date.now() + offset - opened;
      // Older than this page, and not on it as it came: it was interrupted by another.
      const isOlder = opened + 1000 < performance.timeOrigin + offset;
      if (age < 15000 && !isOlder) state.known = true;
      else askMine(now.round);
    }
    if (form && state) findEarlier(now);
    if (form) applyAll(form);
    const points = $("me-point");
    if (points) applyPoint(points);
    applyRewords();
    drawStances();
    drawAll();
    const changed = now.round !== last.round || now.status !== last.status;
    last = now;
    if (!changed) return;
    for (const line of goodNews()) if (!isHeld(line)) leave(line);
    const heading = document.querySelector("#own .stage h1");
    const news = { open: "Question", closed: "ClosedNow", revealed: "Results", waiting: "Waiting" }[now.status];
    announce(said(news, { text: heading?.textContent.trim() ?? "" }));
    if (heading && mayMoveFocus()) {
      heading.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
  }

  // live.js puts a form that has no place in the new board at its end.
  function clearLeftovers(board, { round, prompt, status }) {
    for (const kept of board.querySelectorAll("[data-keep]")) {
      const { formOf: asked, pointOf } = kept.dataset;
      const gone = asked ? asked !== round || status !== "open" : pointOf !== undefined && pointOf !== prompt;
      if (gone || kept.parentElement === board) kept.remove();
    }
  }

  function seatSwapped() {
    clearLeftovers($("called"), {});
    drawCall();
  }

  const ours = () => document.querySelector("#ours .ours");

  function tableSwapped(first = false) {
    const section = ours();
    if (!section) return;
    const { round, status, version, scribe } = section.dataset;
    // By its own words: the stage comes in another frame, which may be later.
    clearLeftovers($("ours"), { round, status, prompt: promptOf(section) });
    setRole(scribe === mark, first);
    const form = formOf("tables");
    if (form) {
      const state = stateOf(round, "tables");
      const waits = entries().some((entry) => entry.voice === "tables" && entry.round === round);
      // What the board shows has been seen: going on from it overwrites nothing unseen.
      if (!waits && Number(version) >= state.version) {
        state.fields = JSON.parse(section.dataset.fields);
        state.version = Number(version);
        state.known = true;
      }
      state.earlier = JSON.parse(section.dataset.earlier ?? "{}");
      applyAll(form);
    }
    const points = $("table-point");
    if (points) applyPoint(points);
    applyRewords();
    drawGo();
    drawCall(first);
    drawAll();
  }

  // Where this person is to go, as the table's board says it. Once it says so no more,
  // the seat has moved, or nobody moves after all: the page that is loaded now says which.
  let leaving;

  $("go").addEventListener("submit", () => (leaving = "sent"));

  function drawGo() {
    const go = $("go");
    const mine = ours()?.querySelector(`.leaving [data-seat="${mark}"]`);
    if (mine) {
      const before = go.hidden ? "" : $("go-number").textContent;
      $("go-number").textContent = mine.dataset.to;
      go.hidden = false;
      if (before === mine.dataset.to) return;
      announce(said("Go", { n: mine.dataset.to }));
      if (!mayMoveFocus()) return;
      go.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    } else if (!go.hidden && ours()) {
      leaving ??= setTimeout(() => location.reload(), 100 + Math.random() * 600);
    }
  }

  let seen = "";

  function drawCall(first = false) {
    const call = document.querySelector(".call");
    const now = call?.dataset.seen ? call.dataset.call : "";
    const isNews = !first && now && now !== seen;
    seen = now;
    if (isNews) announce(said("Seen"));
  }

  const promptOf = (section) => section.querySelector("[data-point-of]")?.dataset.pointOf ?? "";

  function setRole(isScribe, first = false) {
    const was = body.dataset.role === "scribe";
    body.dataset.role = isScribe ? "scribe" : "";
    if (first || was === isScribe) return;
    drawAll();
    const text = isScribe ? said("ScribeNow") : said("ScribeOver");
    announce(text);
    banner(text);
    if (isScribe) setTimeout(() => { $("banner").hidden = true; }, 8000);
  }

  function drawTabs() {
    // By what is asked, not by the table's form: its board comes a moment later, and
    // what it still shows of the question before is not to be written into.
    const { round, prompt, status, asks } = stageNow();
    // Who is asked alone may write for a table that goes on with what is interrupted.
    const { interrupts, interruptsPrompt } = document.querySelector("#own .stage")?.dataset ?? {};
    const form = formOf("tables");
    if (form) form.inert = ![round, interrupts].includes(form.dataset.round);
    for (const about of $("ours")?.querySelectorAll("[data-point-of]") ?? []) {
      about.inert = ![prompt, interruptsPrompt].includes(about.dataset.pointOf);
    }
    const asksBoth = status === "open" && asks.includes("people") && asks.includes("tables");
    const both = asksBoth && body.dataset.role === "scribe";
    $("tabs").hidden = !both;
    if (!both) delete body.dataset.tab;
    else body.dataset.tab ??= "own";
    for (const link of $("tabs").querySelectorAll("a")) {
      if (link.dataset.tab === body.dataset.tab) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function drawAll() {
    drawTabs();
    drawFooter();
    fillSlots();
    drawPoints();
    drawKept();
    showOthers("people");
  }

  // ---- what people do ----

  document.addEventListener("change", (event) => {
    const { target } = event;
    const form = target.form;
    if (!form) return;
    if (form.classList.contains("point-form")) return keepPoint(form);
    if (!form.dataset.voice) return;
    if (target.type === "checkbox" && target.checked) {
      const state = STATES.includes(target.value);
      for (const input of form.querySelectorAll('input[name="choice"]:checked')) {
        if (input !== target && (state || STATES.includes(input.value))) input.checked = false;
      }
    }
    drawPicked(form);
    drawNumbers(form);
    if (numbersOf(form).includes(target)) return numbersChanged(form);
    const item = itemOf(target);
    if (target.matches("textarea")) {
      keepReason(target);
      clearTimeout(typing.get(target));
      if (!isAnswered(form, item)) return;
      if (!box.get(reasonDraft(form, target.name))) return;
    }
    enqueue(form, item);
  });

  const typing = new Map();
  const IDLE = 2500;

  document.addEventListener("click", (event) => {
    const { target } = event;
    const press = target.closest?.(".step");
    if (press?.form?.dataset.voice) step(press);
    // What is chosen already makes no change when it is chosen again, and is kept.
    const item = target.matches?.("input[type=radio]") && target.form?.dataset.voice && itemOf(target);
    if (item && earlierOf(target.form, item)?.[target.name]?.includes(target.value)) enqueue(target.form, item);
  });

  document.addEventListener("input", (event) => {
    const text = event.target;
    if (text.form && numbersOf(text.form).includes(text)) {
      keepNumbers(text.form);
      showError(text.form, text.name, "");
      ack(findItem(text.form, ""), "kept", said("Typing"));
      clearTimeout(typing.get(text));
      typing.set(text, setTimeout(() => text.isConnected && numbersChanged(text.form), IDLE));
      return drawNumbers(text.form);
    }
    if (!text.matches("textarea") || !text.form) return;
    count(text);
    if (text.dataset.reword) {
      showErrorAt(text, "");
      ackReword(text, "", "");
      return keepReword(text);
    }
    if (text.form.classList.contains("point-form")) {
      showError(text.form, "text", "");
      ack(text.form, "", "");
      return keepPoint(text.form);
    }
    if (!text.form.dataset.voice) return;
    keepReason(text);
    showError(text.form, text.name, "");
    const item = itemOf(text);
    ack(item, "kept", said("Typing"));
    clearTimeout(typing.get(text));
    typing.set(text, setTimeout(() => isAnswered(text.form, item) && text.isConnected && enqueue(text.form, item), IDLE));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "finish") {
      event.preventDefault();
      const { round } = stageNow();
      const on = form.elements.finished.value;
      stateOf(round, "people").finished = on === "1";
      drawFooter();
      put(`${OUT}${round}:people:~finished`, {
        url: form.dataset.url.replace(/0\/$/, `${round}/`), fields: [["finished", on]], round,
        voice: "people", item: "~finished", finish: true, words: [],
      });
    } else if (form.classList.contains("point-form")) {
      event.preventDefault();
      if (!form.elements.text.readOnly) sendPoint(form);
    } else if (form.classList.contains("reword-form")) {
      event.preventDefault();
      const text = form.elements[`text.${event.submitter.value}`];
      if (!text.readOnly) sendReword(text);
    } else if (form.dataset.voice) {
      event.preventDefault();
      const keeps = event.submitter?.closest("[data-earlier-note]:not([hidden])");
      for (const item of itemsOf(form)) {
        if (keeps ? earlierOf(form, item) : isAnswered(form, item)) enqueue(form, item);
      }
    }
  });

  $("tabs").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-tab]");
    if (!link) return;
    event.preventDefault();
    body.dataset.tab = link.dataset.tab;
    drawAll();
    link.focus();
  });

  document.addEventListener("board:swapped", (event) => {
    if (event.detail.board.startsWith("phone:")) stageSwapped();
    if (event.detail.board.startsWith("table:")) tableSwapped();
    if (event.detail.board.startsWith("seat:")) seatSwapped();
  });

  function connectionIs(state) {
    const pill = $("live-pill");
    pill.hidden = false;
    pill.textContent = pill.dataset[state] ?? "";
    pill.className = `pill ${state === "live" || state === "polling" ? "live" : "warn"}`;
    if (state === "live" || state === "polling") hurry();
    // The seat has moved or ended: the page that is loaded now says which.
    if (state === "gone") setTimeout(() => location.reload(), 500 + Math.random() * 1000);
  }

  document.addEventListener("live:state", (event) => connectionIs(event.detail.state));

  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      return;
    }
    hurry();
    const { round } = stageNow();
    if (round && Date.now() - hiddenAt > 30000) askMine(round);
  });
  window.addEventListener("online", hurry);

  // Another tab of this person has sent what waits in this one too.
  let sentElsewhere;
  window.addEventListener("storage", ({ key, newValue }) => {
    if (!key?.startsWith(OUT) || newValue !== null) return;
    clearTimeout(sentElsewhere);
    sentElsewhere = setTimeout(() => {
      const { round } = stageNow();
      if (round) askMine(round, 0);
      drawKept();
    }, 300);
  });

  window.addEventListener("pageshow", (event) => {
    hurry();
    const { round } = stageNow();
    if (event.persisted && round) askMine(round);
  });

  // ---- as the page came ----

  // The stream may have put its board, which is for all, over the one of this page.
  if (personal.dataset.round) askedIn.set(personal.dataset.round, personal.dataset.asked === "1");
  if (document.querySelectorAll("#own .stage").length > 1) chooseAgain();
  drawAsked();
  const start = stageNow();
  if (start.round && start.round === personal.dataset.round) {
    const state = stateOf(start.round, "people");
    state.fields = JSON.parse(personal.dataset.fields);
    state.earlier = JSON.parse(personal.dataset.earlier);
    state.version = Number(personal.dataset.version);
    state.answered = Number($("progress").getAttribute("value"));
    state.finished = $("finish").elements.finished.value === "0";
    state.known = true;
    const form = formOf("people");
    // A form that was refused shows what was sent, not what is stored.
    if (form && !$("errors")) applyAll(form);
    else if (form) drawNumbers(form);
    for (const slot of document.querySelectorAll("#own [data-mine]")) {
      const words = [...slot.querySelectorAll(".answer")].map(readLine);
      if (words.length) state.words[slot.dataset.mine] = words;
    }
  }

  function readLine(line) {
    const cell = line.querySelector(".cell");
    return {
      label: (line.querySelector("span:not(.cell)") ?? line).textContent.trim(),
      cls: cell ? [...cell.classList].filter((c) => c !== "cell").join(" ") : "",
      sym: cell?.querySelector("use")?.getAttribute("href") ?? "",
      number: cell && !cell.querySelector("use") ? cell.textContent.trim() : "",
    };
  }

  const points = $("me-point");
  if (points && !$("errors")) applyPoint(points);
  applyRewords();
  drawStances();
  goodNews().forEach(leaveLater);
  // The stream may have been quicker than this script.
  const { live } = document.documentElement.dataset;
  if (live) connectionIs(live);
  tableSwapped(true);
  drawAll();
  $("errors")?.focus();
  pump();
})();
