// Keeps a page's boards as the server has them, and its countdowns by the server's clock.
//
// <body data-live="/live/phone/slug/">   where to listen; one stream for the page
//   data-live-pause="hidden"             phones: be silent while nobody looks
//   data-live-quiet                      screens: no banner, only #dot
// <p id="banner" data-reconnecting="…" data-offline="…" data-trouble="…" data-gone="…">
// <… data-board="phone:12">              where a board goes; [data-keep="name"] inside stays
//   data-match                           large boards: only what differs is changed
// <… data-ends-at="…" data-paused="…">   a countdown (templates/parts/timer.html)
//
// Hears "board:answered" {html} on a board: what to show there now.
// Says "board:swapped" {board, at} on a board, "live:state" {state} on the document:
// live, polling, reconnecting, offline, trouble, gone.
(() => {
  "use strict";

  const FIRST_WAIT = 500;
  const LONGEST_WAIT = 5000;
  const SILENCE = 35000; // the server says something at least every 15 seconds
  const PROOF = 4000; // a stream that brings nothing for so long is held up by a proxy
  const ASK_EVERY = 5000;
  const TRY_STREAM_EVERY = 60000;
  const PATIENCE = 1500; // what is mended sooner is not worth a word

  const root = document.documentElement;
  const body = document.body;
  const address = body.dataset.live;
  const banner = document.getElementById("banner");
  const dot = document.getElementById("dot");

  // ---- the server's clock ----

  // Counted from performance.now(), which nobody can set. News only ever arrives late,
  // so of the last few readings the greatest is the nearest.
  let clock = Date.now() - performance.now();
  let readings = [];
  let heardAt = 0;

  function hear(at) {
    heardAt = at;
    reconsider();
    readings = [...readings.slice(-3), at - performance.now()];
    clock = Math.max(...readings);
    root.dataset.clockOffset = Math.round(serverNow() - Date.now());
    drawTimers();
  }

  const serverNow = () => clock + performance.now();

  // ---- countdowns ----

  function drawTimers() {
    for (const timer of document.querySelectorAll("[data-ends-at]")) draw(timer);
  }

  function draw(timer) {
    const written = timer.dataset.endsAt;
    if (!written || (timer.dataset.paused ?? "false") !== "false") return;
    const ends = /^\d+$/.test(written) ? Number(written) : Date.parse(written);
    if (Number.isNaN(ends)) return;
    const left = ends - serverNow();
    const state = left <= 0 ? "over" : left <= 60000 ? "near" : "running";
    write(timer.querySelector("[data-clock]") ?? timer, minutes(left));
    const word = timer.querySelector("[data-word]");
    const text = timer.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`];
    if (word && text) write(word, text);
    if (timer.dataset.state !== state) timer.dataset.state = state;
    timer.classList.toggle("near-end", state === "near");
    timer.classList.toggle("over", state === "over");
  }

  function minutes(left) {
    const all = Math.max(0, Math.ceil(left / 1000));
    const two = (n) => String(n).padStart(2, "0");
    const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    drawTimers();
    setTimeout(tick, 1000 - (serverNow() % 1000) + 5); // all walls turn together
  }

  tick();
  if (!address) return;

  // ---- what is shown ----

  // Each board as the server last told it, {id, at, whole}, whatever is shown meanwhile:
  // what comes next may be only what differs from it.
  const told = new Map();
  const shown = new WeakMap(); // what a place shows: {id, first}, until somebody else fills it

  // While a finger is on the glass nothing moves under it: a button that is replaced
  // between press and release gets no click, and the tap would be lost.
  const LONGEST_PRESS = 1000;
  const UNTIL_CLICK = 50; // after the release, for the click that follows it
  let held = [];
  let pressed = 0;

  let steps = 0; // of this page, whose answers are on their way

  function letGo() {
    pressed = 0;
    if (steps) return;
    const frames = held;
    held = [];
    for (const frame of frames) take(frame);
  }

  function holdFor(milliseconds) {
    clearTimeout(pressed);
    pressed = setTimeout(letGo, milliseconds);
  }

  const early = { capture: true, passive: true };
  document.addEventListener("pointerdown", () => holdFor(LONGEST_PRESS), early);
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => pressed && holdFor(UNTIL_CLICK), early);
  }

  // The answer to a step is a board too, and may be older than one that overtakes it.
  document.addEventListener("htmx:beforeSend", () => (steps += 1));
  document.addEventListener("htmx:afterRequest", () => {
    steps = Math.max(0, steps - 1);
    if (!steps && !pressed) letGo();
  });

  // How many steps a board knows of: one from before this page's last step is not shown,
  // unless no newer one follows, as when the database was put back to what it was.
  const stepsOf = (node) => Number(node.querySelector("[data-steps]")?.dataset.steps ?? 0);
  const DOUBTED_FOR = 5000; // by the server's beats
  const doubted = new Map();

  function reconsider() {
    for (const [board, { id, since }] of doubted) {
      if (told.get(board).id !== id) doubted.delete(board);
      else if (heardAt - since > DOUBTED_FOR && !pressed && !steps) show(board, { again: true });
    }
  }

  // A whole board says all there is to say of it; parts say what differs from the one
  // before, in the order in which they came.
  function take(frame) {
    if (pressed || steps) {
      if (!frame.parts) held = held.filter(({ board }) => board !== frame.board);
      held.push(frame);
      return;
    }
    if (!frame.parts) {
      const { id, at, board } = frame;
      told.set(board, { id, at, whole: parse(frame.html) });
      show(board);
    } else if (told.get(frame.board)?.id === frame.since) {
      renew(frame);
    } else {
      fail(); // a new stream begins with whole boards
    }
  }

  function renew({ id, at, board, since, parts }) {
    const { whole } = told.get(board);
    const fresh = parts.map((html) => parse(html).content.firstElementChild);
    for (const part of fresh) {
      whole.content.getElementById(part.id).replaceWith(part.cloneNode(true));
    }
    told.set(board, { id, at, whole });
    show(board, { since, parts: fresh });
  }

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template;
  }

  function show(board, { again = false, since = "", parts = [] } = {}) {
    const { id, at, whole } = told.get(board);
    doubted.delete(board);
    for (const place of document.querySelectorAll(`[data-board="${CSS.escape(board)}"]`)) {
      if (!again && stepsOf(whole.content) < stepsOf(place)) {
        doubted.set(board, { id, since: heardAt });
        continue;
      }
      if (isStill(place, since)) {
        around(place, () => parts.forEach((part) => put(place, part)));
      } else {
        const here = forThisPage(place, whole);
        if (here.innerHTML.trim() === place.innerHTML.trim()) {
          shown.set(place, { id, first: place.firstElementChild });
          continue;
        }
        around(place, () => fill(place, here));
      }
      shown.set(place, { id, first: place.firstElementChild });
      const detail = { board, at };
      place.dispatchEvent(new CustomEvent("board:swapped", { bubbles: true, detail }));
    }
    drawTimers();
  }

  // A board is the same for everybody; what it has for others, a page takes out.
  function forThisPage(place, whole) {
    if (!("choose" in place.dataset)) return whole;
    const here = whole.cloneNode(true);
    place.dispatchEvent(new CustomEvent("board:came", { bubbles: true, detail: here }));
    return here;
  }

  // Another part of a board that is here already is this page's.
  document.addEventListener("board:choose", ({ target: { dataset } }) => {
    if (told.has(dataset.board)) show(dataset.board, { again: true });
  });

  function isStill(place, id) {
    const last = shown.get(place);
    return id && last?.id === id && last.first === place.firstElementChild;
  }

  function put(place, part) {
    match(place.querySelector(`#${CSS.escape(part.id)}`), document.importNode(part, true));
  }

  // Only what differs is changed, where it stands: nothing jumps, bars glide, a finger's
  // button stays. What can be pressed is replaced, so that no press lands on what a
  // button has just become.
  const PRESSABLE = "a, button, input, select, summary, textarea";
  const alike = (old, fresh) => old.nodeName === fresh.nodeName && old.id === fresh.id;

  function match(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const isElement = old.nodeType === Node.ELEMENT_NODE;
    if (!alike(old, fresh) || (isElement && old.matches(PRESSABLE))) {
      old.replaceWith(fresh);
      learn(fresh);
    } else if (isElement) {
      for (const { name } of [...old.attributes]) {
        if (!fresh.hasAttribute(name)) old.removeAttribute(name);
      }
      for (const { name, value } of fresh.attributes) {
        if (old.getAttribute(name) !== value) old.setAttribute(name, value);
      }
      matchWithin(old, fresh);
    } else {
      old.data = fresh.data;
    }
  }

  function matchWithin(old, fresh) {
    const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
    while (before.length && after.length && alike(before[0], after[0])) {
      match(before.shift(), after.shift());
    }
    let following = null; // what came or went, stands before it
    while (before.length && after.length && alike(before.at(-1), after.at(-1))) {
      const [last, now] = [before.pop(), after.pop()];
      match(last, now);
      following = last.isConnected ? last : now;
    }
    for (const node of before) node.remove();
    for (const node of after) old.insertBefore(node, following);
    after.forEach(learn);
  }

  function learn(fresh) {
    if (fresh.nodeType === Node.ELEMENT_NODE) window.htmx?.process(fresh);
  }

  function around(place, change) {
    const still = holdStill();
    const focused = place.contains(document.activeElement) ? remember() : null;
    change();
    if (focused) restore(focused);
    still(place);
  }

  // The answer to a step of this page, a whole board too.
  document.addEventListener("board:answered", ({ target: place, detail: { html } }) => {
    const whole = parse(html);
    for (const other of whole.content.querySelectorAll("[hx-swap-oob]")) other.remove();
    shown.delete(place);
    around(place, () => fill(place, whole));
  });

  function fill(place, whole) {
    // htmx looks up every id in all that is there: seconds, where there are thousands.
    if ("match" in place.dataset) matchWithin(place, document.importNode(whole.content, true));
    else swap(place, whole);
  }

  function swap(place, whole) {
    const kept = [...place.querySelectorAll("[data-keep]")].filter(
      (element) => !element.parentElement.closest("[data-keep]"),
    );
    const pantry = document.createElement("div");
    body.append(pantry);
    for (const element of kept) move(pantry, element, null);
    if (window.htmx) {
      const how = { swapStyle: "innerHTML", settleDelay: 20, ignoreTitle: true };
      window.htmx.swap(place, whole.innerHTML, how);
    } else {
      place.replaceChildren(whole.content.cloneNode(true));
    }
    for (const element of kept) {
      const name = CSS.escape(element.dataset.keep);
      const stand = place.querySelector(`[data-keep="${name}"]`);
      // Without a place in the new board it goes to the end, rather than be lost.
      if (stand) move(stand.parentNode, element, stand);
      else move(place, element, null);
      stand?.remove();
    }
    pantry.remove();
  }

  // Chromium scrolls to the focus when it is moved, and a board may grow above a form:
  // what people look at stays where their finger is.
  function holdStill() {
    const { scrollX: left, scrollY: top } = window;
    const seen = [...document.querySelectorAll("[data-keep]")].find((element) => {
      const box = element.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    });
    const place = seen?.getBoundingClientRect().top;
    return (board) => {
      const kept = seen?.isConnected && seen.parentElement !== board;
      const to = kept ? scrollY + seen.getBoundingClientRect().top - place : top;
      if (Math.abs(to - scrollY) >= 1) scrollTo({ left, top: to, behavior: "instant" });
    };
  }

  function move(parent, element, before) {
    // Moves without losing focus or a half-written word, where browsers can.
    if (parent.moveBefore) parent.moveBefore(element, before);
    else parent.insertBefore(element, before);
  }

  function remember() {
    const element = document.activeElement;
    const { id, selectionStart: start, selectionEnd: end } = element;
    return { element, id, start, end };
  }

  function restore({ element, id, start, end }) {
    if (document.activeElement === element) return;
    const now = element.isConnected ? element : id && document.getElementById(id);
    if (!now) return;
    now.focus({ preventScroll: true });
    if (typeof start === "number" && now.setSelectionRange) now.setSelectionRange(start, end);
  }

  // ---- how it goes ----

  let state = "";
  let saying;

  function become(now) {
    if (now === state) return;
    state = now;
    root.dataset.live = now;
    document.dispatchEvent(new CustomEvent("live:state", { detail: { state } }));
    clearTimeout(saying);
    if (now === "reconnecting") saying = setTimeout(say, PATIENCE);
    else say();
  }

  function say() {
    const fine = state === "live" || state === "polling";
    if (dot) {
      dot.hidden = fine;
      dot.dataset.state = state;
    }
    if (!banner || "liveQuiet" in body.dataset) return;
    if (!fine) {
      banner.textContent = banner.dataset[state] ?? banner.dataset.reconnecting ?? "";
      banner.dataset.by = "live";
      banner.hidden = !banner.textContent;
    } else if (banner.dataset.by === "live") {
      banner.hidden = true;
      banner.textContent = "";
      delete banner.dataset.by;
    }
  }

  const trouble = () => become(navigator.onLine ? "reconnecting" : "offline");

  // ---- listening ----

  let source = null;
  let heard = false; // anything, on this stream
  let polling = false;
  let crowded = false; // other pages of the same person took the streams there are
  let over = false;
  let asleep = false;
  let failures = 0;
  let refusals = 0; // streams that failed although asking worked
  const waits = {};

  function wait(name, delay, action) {
    clearTimeout(waits[name]);
    waits[name] = setTimeout(action, delay);
  }

  const jitter = (delay) => delay * (0.5 + Math.random());

  function hush() {
    for (const name of Object.keys(waits)) clearTimeout(waits[name]);
    drop();
  }

  function drop() {
    clearTimeout(waits.silence);
    if (source) source.close();
    source = null;
  }

  function start() {
    hush();
    failures = refusals = 0;
    polling = crowded = false;
    if (!over && !asleep) listen();
  }

  function listen() {
    drop();
    heard = false;
    const stream = new EventSource(`${address}?parts=1`);
    source = stream;
    const on = (kind, action) =>
      stream.addEventListener(kind, (event) => {
        if (stream !== source) return;
        hold();
        action(JSON.parse(event.data));
      });
    on("beat", ({ at, ok }) => {
      hear(at);
      become(ok ? "live" : "trouble");
    });
    on("board", take);
    on("parts", take);
    on("elsewhere", () => {
      crowded = true;
      poll();
    });
    on("gone", end);
    stream.onerror = () => stream === source && fail();
    wait("silence", PROOF, () => (heard ? fail() : poll()));
  }

  function hold() {
    heard = true;
    failures = refusals = 0;
    if (polling) {
      polling = false;
      clearTimeout(waits.ask);
      clearTimeout(waits.stream);
    }
    wait("silence", SILENCE, fail);
  }

  function fail() {
    drop();
    if (polling) return; // asking goes on
    failures += 1;
    trouble();
    const delay = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
    wait("retry", Math.min(LONGEST_WAIT, jitter(delay)), retry);
  }

  async function retry() {
    // A stream that cannot be opened does not say why; asking does.
    if (failures > 1) {
      const answered = await ask();
      if (over || asleep || source) return;
      if (answered) refusals += 1;
    }
    if (refusals > 2) poll();
    else listen();
  }

  function end() {
    over = true;
    hush();
    become("gone");
  }

  // ---- asking instead ----

  function poll() {
    drop();
    polling = true;
    refusals = 0;
    const again = async () => {
      const answered = await ask();
      if (!polling || over || asleep) return;
      if (answered) become("polling");
      else trouble();
      wait("ask", jitter(ASK_EVERY), again);
    };
    again();
    tryStream();
  }

  function tryStream() {
    wait("stream", jitter(TRY_STREAM_EVERY), () => {
      if (!crowded) {
        listen();
        // While it proves itself, asking goes on.
        wait("silence", PROOF, drop);
      }
      tryStream();
    });
  }

  async function ask() {
    const query = new URLSearchParams({ poll: "1" });
    for (const { id } of told.values()) query.append("seen", id);
    try {
      const answer = await fetch(`${address}?${query}`, {
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout?.(10000),
      });
      const at = Number(answer.headers.get("Server-Milliseconds"));
      // Without the time it is some proxy that says 404 while the server restarts.
      if (answer.status === 404 && at) end();
      const kind = answer.headers.get("Content-Type") ?? "";
      if (answer.status !== 204 && !(answer.ok && kind.startsWith("application/json"))) {
        return false;
      }
      if (at) hear(at);
      const frames = answer.status === 200 ? await answer.json() : [];
      // A stream that was opened meanwhile has told newer boards.
      if (!(source && heard)) frames.forEach(take);
      return true;
    } catch {
      return false;
    }
  }

  // ---- coming and going ----

  const pauses = body.dataset.livePause === "hidden";

  function sleep() {
    asleep = true;
    hush();
  }

  function wake() {
    asleep = false;
    start();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && pauses) sleep();
    else if (!document.hidden && (asleep || crowded)) wake();
  });
  window.addEventListener("pagehide", sleep); // an open stream would forbid the cache
  window.addEventListener("pageshow", (event) => event.persisted && wake());
  window.addEventListener("online", () => asleep || start());
  window.addEventListener("offline", trouble);

  if (document.hidden && pauses) asleep = true;
  else start();
})();
