// Comforts of the machine at the projector. Nothing here is needed: the console decides
// what is shown, and live.js brings it.
//
// F or the button: full screen. Left, Right, Page Up and Page Down, as clickers send
// them: turn the pages of a result with more items than fit; they turn by themselves too.
(() => {
  "use strict";

  const TURN_EVERY = 15000;
  const REST = 3000; // after which the pointer and the button go

  const root = document.documentElement;
  const button = document.querySelector("[data-fullscreen]");

  // ---- full screen ----

  async function toggle() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await root.requestFullscreen({ navigationUI: "hide" });
    } catch {
      // The browser will not; the wall is as good in a window.
    }
  }

  let resting;

  function stir() {
    root.classList.remove("at-rest");
    if (button) button.hidden = !document.fullscreenEnabled || !!document.fullscreenElement;
    clearTimeout(resting);
    resting = setTimeout(rest, REST);
  }

  function rest() {
    root.classList.add("at-rest");
    if (button) button.hidden = true;
  }

  button?.addEventListener("click", toggle);
  document.addEventListener("fullscreenchange", rest);
  for (const kind of ["pointermove", "pointerdown"]) document.addEventListener(kind, stir);
  rest(); // until somebody moves the pointer, nothing covers the wall

  // ---- stay awake ----

  let lock = null;

  async function stayAwake() {
    if (lock || document.hidden || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => (lock = null));
    } catch {
      lock = null; // low battery, or a page that did not come over TLS
    }
  }

  document.addEventListener("visibilitychange", stayAwake);
  document.addEventListener("pointerdown", stayAwake);
  stayAwake();

  // ---- pages ----

  let page = 0;
  let of = "";
  let byHand = false;
  let turning;

  const pages = () => [...document.querySelectorAll(".board > [data-page]")];

  function turn(to) {
    const all = pages();
    if (!all.length) return;
    page = (to + all.length) % all.length;
    all.forEach((one, place) => (one.hidden = place !== page));
    clearTimeout(turning);
    if (all.length > 1 && !byHand) turning = setTimeout(() => turn(page + 1), TURN_EVERY);
  }

  function shown() {
    root.dataset.theme = document.querySelector(".board")?.dataset.theme ?? "dark";
    // The same picture with news keeps its page; another one starts at the first.
    const picture = document.querySelector(".board > [data-picture]")?.dataset.picture ?? "";
    if (picture !== of) {
      page = 0;
      byHand = false;
    }
    of = picture;
    turn(page);
  }

  document.addEventListener("board:swapped", shown);
  shown();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (event.key === "f" || event.key === "F") toggle();
    else if (step && pages().length > 1) {
      byHand = true;
      turn(page + step);
    } else return;
    event.preventDefault();
  });
})();
