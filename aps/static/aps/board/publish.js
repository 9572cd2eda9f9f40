// The dialog that says what publishing changes for whom; its words and deeds are the server's.

/** @param {HTMLDialogElement} dialog @param {(plant: number) => void} done */
export function publisher(dialog, done) {
  let plant = 0;
  dialog.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-close-dialog]") : null;
    if (button || event.target === dialog) dialog.close();
  });
  document.body.addEventListener("board:published", () => {
    dialog.close();
    done(plant);
  });
  /** @param {number} which @param {string} url */
  return async (which, url) => {
    plant = which;
    await /** @type {any} */ (globalThis).htmx.ajax("GET", url, { target: dialog, swap: "innerHTML" });
    if (!dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus], .btn-main"))?.focus({ preventScroll: true });
  };
}

// The search for a better plan: opened and closed here, filled and kept fresh by the server's part.
/** @param {HTMLElement} box @param {string} url @param {HTMLElement} button */
export function searcher(box, url, button) {
  const { htmx } = /** @type {any} */ (globalThis);
  const fetch = () => { if (!box.hidden) htmx.ajax("GET", url, { target: box, swap: "innerHTML" }); };
  for (const topic of ["runs", "run-progress"]) document.body.addEventListener(`live:${topic}`, fetch);
  box.addEventListener("htmx:afterRequest", (event) => { if (/** @type {any} */ (event).detail.requestConfig.verb === "post") fetch(); });
  return () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (box.hidden) button.focus();
    fetch();
  };
}
