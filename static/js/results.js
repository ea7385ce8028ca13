// Copies a table or a picture of the results page, for a document or a spreadsheet. The
// page says everything without this file, and has each picture as a file.
(() => {
  "use strict";

  // The figures as rows of cells: of a picture its table of figures, else the picture's.
  function tableOf(button) {
    const box = button.closest(".copied");
    return box?.querySelector("details table.data") ?? box?.querySelector("table");
  }

  function rowsOf(table) {
    return [...table.rows].map((row) =>
      [...row.cells].map((cell) => {
        const shown = cell.cloneNode(true);
        // What is said in full for those who hear it would stand there twice.
        for (const twice of shown.querySelectorAll("[aria-hidden=true]")) twice.remove();
        for (const bar of shown.querySelectorAll("svg[aria-label]")) {
          bar.replaceWith(bar.getAttribute("aria-label"));
        }
        return shown.textContent.replace(/\s+/g, " ").trim();
      }),
    );
  }

  function html(rows) {
    const table = document.createElement("table");
    for (const cells of rows) {
      const row = table.insertRow();
      for (const text of cells) row.insertCell().textContent = text;
    }
    return table.outerHTML;
  }

  async function copy(rows) {
    const plain = rows.map((cells) => cells.join("\t")).join("\n");
    if (navigator.clipboard?.write && window.ClipboardItem) {
      await navigator.clipboard.write([
        new ClipboardItem({
          "text/plain": new Blob([plain], { type: "text/plain" }),
          "text/html": new Blob([html(rows)], { type: "text/html" }),
        }),
      ]);
      return;
    }
    // Without https a browser has no clipboard but this one.
    const listen = (event) => {
      event.preventDefault();
      event.clipboardData.setData("text/plain", plain);
      event.clipboardData.setData("text/html", html(rows));
    };
    document.addEventListener("copy", listen);
    const done = document.execCommand("copy");
    document.removeEventListener("copy", listen);
    if (!done) throw new Error("not copied");
  }

  const takesPictures = Boolean(navigator.clipboard?.write && window.ClipboardItem);

  async function fetched(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.blob();
  }

  async function copyPicture(address) {
    // Given as a promise: Safari lets nothing be copied that had to be waited for.
    const item = new ClipboardItem({ "image/png": fetched(address) });
    await navigator.clipboard.write([item]);
  }

  function show() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = button.dataset.copy === "picture" && !takesPictures;
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    // Looked up each time: after "back" the page has another one.
    const toast = document.getElementById("copied");
    try {
      if (button.dataset.copy === "picture") await copyPicture(button.dataset.picture);
      else await copy(rowsOf(tableOf(button)));
      toast.textContent = toast.dataset.done;
    } catch {
      toast.textContent = toast.dataset.failed;
    }
  });

  document.addEventListener("htmx:afterSettle", show);
  show();
})();
