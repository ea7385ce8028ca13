// The console's comforts: single keys, what stays open, scrolled and focused while the
// board is replaced, which results to look at. Every button works without this file.
(() => {
  "use strict";

  const root = document.documentElement;
  const body = document.body;
  const board = document.getElementById("console");
  const toast = document.getElementById("toast");
  const form = document.getElementById("act");
  const keysDialog = document.getElementById("keys");
  const keysOn = document.getElementById("keys-on");
  if (!board) return;

  root.classList.add("js");

  const store = {
    get(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return null; // private windows
      }
    },
    set(name, value) {
      try {
        localStorage.setItem(name, value);
      } catch {
        // It then lasts as long as the page.
      }
    },
  };

  // ---- what stays as it was when the board is replaced ----

  const opened = new Map(); // details by id: what the facilitator chose
  const scrolled = new Map();

  board.addEventListener("click", (event) => {
    const summary = event.target.closest("summary");
    const details = summary?.parentElement;
    if (details?.id) setTimeout(() => opened.set(details.id, details.open));
  });

  board.addEventListener("click", (event) => {
    const target = event.target.closest(".jump a")?.hash;
    const drawer = target && board.querySelector(`${target} > .drawer`);
    if (!drawer) return;
    drawer.open = true;
    opened.set(drawer.id, true);
  });

  function placeOf(element) {
    if (element.id) return element.id;
    const owner = element.closest("[id]");
    return owner && board.contains(owner) ? `${owner.id} ${element.className}` : "";
  }

  board.addEventListener(
    "scroll",
    (event) => {
      const { target } = event;
      const place = target.nodeType === 1 ? placeOf(target) : "";
      if (place) scrolled.set(place, [target.scrollLeft, target.scrollTop]);
    },
    true,
  );

  function settle() {
    for (const [id, open] of opened) {
      const details = document.getElementById(id);
      if (details && details.open !== open) details.open = open;
    }
    for (const [place, [left, top]] of scrolled) {
      const [id, name] = place.split(" ", 2);
      const owner = document.getElementById(id);
      const element = name ? owner?.getElementsByClassName(name)[0] : owner;
      if (element) element.scrollTo(left, top);
    }
    pick();
  }

  let byOthers = false; // whose step the board was last replaced for

  function replaced(mine) {
    byOthers = !mine;
    notice();
    settle();
  }

  // The board in the answer to a step goes where live.js puts boards; htmx does the rest.
  board.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (target !== board || !detail.shouldSwap) return;
    detail.swapOverride = "none";
    const answered = { detail: { html: detail.serverResponse }, bubbles: true };
    board.dispatchEvent(new CustomEvent("board:answered", answered));
    replaced(true);
  });
  document.addEventListener("board:swapped", () => replaced(false));

  // ---- which results to look at ----

  function pick() {
    const place = board.querySelector(".figures .picks");
    if (!place) return;
    const views = new Map();
    for (const view of board.querySelectorAll(".figures [data-view]")) {
      views.set(view.dataset.view, view.dataset.name);
    }
    const wanted = store.get("console-results") ?? body.dataset.results;
    const chosen = views.has(wanted) ? wanted : views.keys().next().value;
    for (const view of board.querySelectorAll(".figures [data-view]")) {
      view.hidden = view.dataset.view !== chosen;
    }
    if (views.size < 2) return;
    const there = [...place.querySelectorAll("[data-pick]")];
    if (there.map((one) => one.dataset.pick).join() === [...views.keys()].join()) {
      for (const one of there) one.setAttribute("aria-pressed", String(one.dataset.pick === chosen));
      return;
    }
    const buttons = [...views].map(([view, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn small toggle";
      button.id = `pick-${view}`;
      button.textContent = name;
      button.dataset.pick = view;
      button.setAttribute("aria-pressed", String(view === chosen));
      return button;
    });
    const focused = document.activeElement?.dataset?.pick ?? lastPick;
    place.replaceChildren(...buttons);
    if (focused && (document.activeElement === body || !document.activeElement)) {
      document.getElementById(`pick-${focused}`)?.focus({ preventScroll: true });
    }
  }

  let lastPick = null; // the pick that has the focus, which a swap takes away
  let lastFocus = "";

  board.addEventListener("focusin", (event) => {
    lastPick = event.target.dataset?.pick ?? null;
    lastFocus = event.target.id;
  });

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button) return;
    body.dataset.results = button.dataset.pick;
    store.set("console-results", button.dataset.pick);
    pick();
    document.getElementById(button.id)?.focus({ preventScroll: true });
  });

  // ---- a press that the board was replaced under ----

  // Between the finger's going down and up new answers may have come in; the browser
  // then makes no click, because the button is another one now.
  let pressed = null;

  board.addEventListener("pointerdown", (event) => {
    const button = event.target.closest("button[id], a[id], summary[id]");
    pressed = button && event.button === 0 ? button : null;
  });

  document.addEventListener("pointerup", (event) => {
    const button = pressed;
    pressed = null;
    if (!button || button.isConnected) return;
    const now = document.getElementById(button.id);
    // A finger's events still go to the button that is gone: ask what lies under it.
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const same = now && now.value === button.value && now.contains(under);
    if (same) now.click();
  });

  // ---- steps ----

  // A button that has just turned into another one is not pressed: neither by a nervous
  // finger's second press, nor by who meant what somebody else did a moment before.
  const REST = 700;
  const values = new Map(); // what each button does, by id
  const turned = new Map(); // when it turned into that, and whether others did it

  function notice() {
    for (const button of board.querySelectorAll("button[form=act][id]")) {
      const before = values.get(button.id);
      values.set(button.id, button.value);
      if (before === undefined || before === button.value) continue;
      if (byOthers || button.id.startsWith("next")) {
        turned.set(button.id, { at: performance.now(), byOthers });
      }
    }
  }

  board.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("button[form=act][id]");
      const last = button && turned.get(button.id);
      if (!last || performance.now() - last.at > REST) return;
      event.preventDefault();
      event.stopPropagation();
      if (last.byOthers) say(toast.dataset.turned);
    },
    true,
  );

  // One step at a time, in the order of the presses. Pressing the same twice is one.
  let taking = null; // what the step under way does
  const waiting = [];

  form?.addEventListener(
    "submit",
    (event) => {
      const wanted = event.submitter ? event.submitter.value : waiting.shift();
      if (taking === null && wanted) {
        taking = wanted;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      if (wanted && wanted !== (waiting.at(-1) ?? taking)) waiting.push(wanted);
    },
    true,
  );
  // htmx learns of a new board's buttons a moment after they can be pressed.
  form?.addEventListener("htmx:configRequest", (event) => {
    event.detail.parameters.do = taking;
  });
  form?.addEventListener("htmx:afterRequest", () => {
    taking = null;
    if (waiting.length) setTimeout(() => taking === null && form.requestSubmit());
  });
  addEventListener("pageshow", (event) => event.persisted && (taking = null));
  for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    form?.addEventListener(lost, () => (waiting.length = 0));
  }

  let fading;

  function said() {
    clearTimeout(fading);
    const patience = toast.querySelector(".taken") ? 15000 : 6000;
    fading = setTimeout(() => toast.replaceChildren(), patience);
  }

  function say(text) {
    const line = document.createElement("p");
    line.className = "taken";
    line.textContent = text;
    toast.replaceChildren(line);
    said();
  }

  document.addEventListener("htmx:oobAfterSwap", said);
  form?.addEventListener("htmx:beforeRequest", () => (root.dataset.busy = ""));
  form?.addEventListener("htmx:afterRequest", () => delete root.dataset.busy);
  form?.addEventListener("htmx:sendError", () => say(toast.dataset.lost));
  form?.addEventListener("htmx:timeout", () => say(toast.dataset.lost));
  form?.addEventListener("htmx:responseError", () => say(toast.dataset.failed));

  // ---- dialogs ----

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  });

  // A dialog gives the focus back to a button that may have been replaced meanwhile.
  keysDialog.addEventListener("close", () => {
    setTimeout(() => {
      const nowhere = document.activeElement === body || !document.activeElement;
      if (!nowhere && !keysDialog.contains(document.activeElement)) return;
      document.getElementById(lastFocus)?.focus({ preventScroll: true });
    });
  });

  // ---- single keys ----

  keysOn.checked = store.get("console-keys") !== "off";
  const hint = () => root.classList.toggle("no-keys", !keysOn.checked);
  keysOn.addEventListener("change", () => {
    store.set("console-keys", keysOn.checked ? "on" : "off");
    hint();
  });
  hint();

  const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    if (!keysOn.checked) return;
    if (event.key === "?") {
      keysDialog.showModal();
      event.preventDefault();
      return;
    }
    if (!form || (event.key.startsWith("Arrow") && event.target.closest?.(".scroll"))) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const button = [...board.querySelectorAll("[data-keys]")].find((element) =>
      element.dataset.keys.split(" ").includes(key),
    );
    if (!button) return;
    event.preventDefault();
    // Who presses O, C or R says what is meant, whatever the button was before.
    if (key !== "n" && turned.get(button.id)?.byOthers === false) turned.delete(button.id);
    button.click();
  });

  notice();
  settle();
})();
