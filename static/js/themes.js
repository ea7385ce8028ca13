// The theming board: drag, a menu for the keyboard, filters, what is ticked. Every step
// is a button of the form #act and works without this file.
(() => {
  "use strict";

  const board = document.getElementById("board");
  const toast = document.getElementById("toast");
  const form = document.getElementById("act");
  const filter = document.getElementById("filter");
  const where = document.getElementById("where");
  if (!board) return;
  document.documentElement.classList.add("js");

  // ---- what stays as it was when the board is replaced ----

  const ticked = new Set();
  const boxes = () => board.querySelectorAll('input[name="point"]');

  function settle() {
    const there = new Set();
    for (const box of boxes()) {
      there.add(box.value);
      box.checked = ticked.has(box.value);
    }
    for (const value of [...ticked]) if (!there.has(value)) ticked.delete(value);
    narrow();
    fillChoice();
    count();
  }

  function count() {
    const place = document.getElementById("ticked");
    if (!place) return;
    const said = ["none", "one"][ticked.size] ?? "many";
    const text = place.dataset[said].replace("#", ticked.size);
    if (place.textContent !== text) place.textContent = text;
    board.classList.toggle("some-ticked", ticked.size > 0);
  }

  board.addEventListener("change", ({ target }) => {
    if (target.name !== "point") return;
    if (target.checked) ticked.add(target.value);
    else ticked.delete(target.value);
    count();
  });

  const themes = () => [...board.querySelectorAll("[data-theme]")];

  // What can be chosen follows the themes that there are; what is chosen stays.
  function fillChoice() {
    const choice = form?.elements.to;
    if (!choice) return;
    const chosen = choice.value;
    const there = [...choice.options].slice(2);
    const wanted = themes().slice(1);
    const same = (option, theme) =>
      option?.value === theme.dataset.theme && option.text === theme.dataset.title;
    if (there.length === wanted.length && wanted.every((one, n) => same(there[n], one))) return;
    for (const option of there) option.remove();
    for (const { dataset } of wanted) choice.add(new Option(dataset.title, dataset.theme));
    choice.value = wanted.some(({ dataset }) => dataset.theme === chosen) || chosen === "0" ? chosen : "";
  }

  // ---- filters: as the server does it, at once and for what comes in later ----

  function narrow() {
    const { item, table, kind, q } = filter.elements;
    const words = q.value.trim().toLowerCase();
    const suits = (one) =>
      (!item?.value || one.dataset.item.split(" ").includes(item.value)) &&
      (!table.value || one.dataset.table === table.value) &&
      (!kind.value || one.dataset.kind === kind.value) &&
      one.querySelector(".text").textContent.toLowerCase().includes(words);
    for (const card of board.querySelectorAll("[data-point]")) {
      const shown = suits(card) || [...card.querySelectorAll(".repeats > li")].some(suits);
      if (card.hidden === shown) card.hidden = !shown;
    }
  }

  filter.addEventListener("input", ({ target }) => {
    if (target.name === "prompt") return;
    narrow();
    const query = new URLSearchParams(new FormData(filter));
    history.replaceState(null, "", `?${query}`);
    if (form) form.elements.query.value = query;
  });

  document.addEventListener("board:swapped", settle);

  // ---- steps, one after the other ----

  let last = Promise.resolve();

  function step(values) {
    const { prompt, query } = form.elements;
    const sent = { prompt: prompt.value, query: query.value, ...values };
    last = last.then(() => send(sent));
    return last;
  }

  async function send(values) {
    let answer = 0;
    const heard = ({ detail }) => (answer = detail.xhr.status);
    board.addEventListener("htmx:afterRequest", heard, { once: true });
    const how = { source: board, target: board, swap: "none", values };
    await window.htmx.ajax("POST", form.action, how).catch(() => {});
    board.removeEventListener("htmx:afterRequest", heard);
    if (answer !== 200) return;
    for (const point of (values.point ?? "").split(",")) ticked.delete(point);
    if (values.do === "make" && form.elements.title.value === values.title) {
      form.elements.title.value = "";
    }
    settle();
  }

  // The board in the answer goes where live.js puts boards; htmx does the rest.
  board.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (target !== board || !detail.shouldSwap) return;
    detail.swapOverride = "none";
    const answered = { detail: { html: detail.serverResponse }, bubbles: true };
    board.dispatchEvent(new CustomEvent("board:answered", answered));
    settle();
  });

  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = event.submitter?.value ?? "make"; // Enter in the title
    const points = [...ticked].join();
    const [verb, point] = wanted.split(":");
    if (verb === "move" && point) ask(event.submitter, point);
    else if (verb === "move") step({ do: verb, point: points, to: form.elements.to.value });
    else if (verb === "make") step({ do: verb, point: points, title: form.elements.title.value });
    else if (verb === "same") step({ do: wanted, point: points });
    else step({ do: wanted });
  });

  form?.elements.title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    step({ do: "make", point: [...ticked].join(), title: event.target.value });
  });

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
  board.addEventListener("htmx:sendError", () => say(toast.dataset.lost));
  board.addEventListener("htmx:timeout", () => say(toast.dataset.lost));
  board.addEventListener("htmx:responseError", () => say(toast.dataset.failed));

  // ---- where to: a list to choose from, for keys and thumbs ----

  // A card that is ticked stands for all that are.
  const meant = (point) => (ticked.has(point) ? [...ticked] : [point]);

  let asked = { points: [], opener: "" };

  function ask(button, point) {
    asked = { points: meant(point), opener: button.id };
    const head = document.getElementById("where-head");
    const said = asked.points.length > 1 ? "many" : "one";
    head.textContent = head.dataset[said].replace("#", asked.points.length);
    const here = button.closest("[data-theme]");
    const choices = themes()
      .filter((theme) => theme !== here || asked.points.length > 1)
      .map(({ dataset }) => {
        const choice = document.createElement("button");
        choice.type = "button";
        choice.className = "btn";
        choice.value = dataset.theme;
        choice.textContent = dataset.title;
        return choice;
      });
    where.querySelector(".stack").replaceChildren(...choices);
    where.returnValue = "";
    where.showModal();
  }

  where.addEventListener("click", ({ target }) => {
    const choice = target.closest("button");
    if (choice) where.close(choice.value);
  });

  where.addEventListener("close", async () => {
    const { points, opener } = asked;
    const back = () => document.getElementById(opener)?.focus({ preventScroll: true });
    back();
    if (!where.returnValue) return;
    await step({ do: "move", point: points.join(), to: where.returnValue });
    if (document.activeElement === document.body) back();
  });

  // ---- drag: a mouse takes the card anywhere, a finger by its handle ----

  const FAR = 6; // pixels; less is a click
  const EDGE = 80;
  let held = null; // {point, x, y, ghost}

  board.addEventListener("pointerdown", (event) => {
    const card = form && event.target.closest("[data-point]");
    const own = event.target.closest("button, input, a");
    if (!card || own || event.button !== 0) return;
    if (event.pointerType !== "mouse" && !event.target.closest(".handle")) return;
    held = { point: card.dataset.point, x: event.clientX, y: event.clientY, ghost: null };
  });

  function lift() {
    const points = meant(held.point);
    const card = document.getElementById(`point-${held.point}`);
    held.points = points;
    held.ghost = document.createElement("div");
    held.ghost.className = "ghost";
    held.ghost.textContent =
      points.length > 1 ? `${points.length} × ` : card.querySelector(".text").textContent;
    document.body.append(held.ghost);
    getSelection()?.removeAllRanges();
  }

  function over(event) {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    return under && board.contains(under) ? under.closest("[data-theme]") : null;
  }

  function mark(theme) {
    for (const one of themes()) one.classList.toggle("over", one === theme);
  }

  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > FAR;
    if (!held.ghost && !far) return;
    if (!held.ghost) lift();
    held.ghost.style.translate = `${event.clientX + 12}px ${event.clientY + 12}px`;
    mark(over(event));
    if (event.clientY < EDGE) scrollBy(0, -12);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, 12);
  });

  function letGo() {
    held?.ghost?.remove();
    held = null;
    mark(null);
  }

  document.addEventListener("pointerup", (event) => {
    if (!held?.ghost) return letGo();
    const { points } = held;
    const theme = over(event);
    letGo();
    // The click that follows would tick the card.
    const quiet = (click) => click.preventDefault();
    addEventListener("click", quiet, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", quiet, { capture: true }));
    if (theme) step({ do: "move", point: points.join(), to: theme.dataset.theme });
  });

  document.addEventListener("pointercancel", letGo);
  document.addEventListener("keydown", (event) => event.key === "Escape" && letGo());

  for (const box of boxes()) if (box.checked) ticked.add(box.value); // kept by the browser
  settle();
})();
