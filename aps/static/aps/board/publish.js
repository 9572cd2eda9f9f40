// The dialog that says what publishing changes for whom, plant by plant; its words and deeds are the server's.

/** @param {HTMLDialogElement} dialog @param {string} url @param {(plants: number[]) => void} done @param {() => void} failed the server cannot be asked */
export function publisher(dialog, url, done, failed) {
  dialog.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-close-dialog]") : null;
    if (button || event.target === dialog) dialog.close();
  });
  // What was refused stays in the dialog, with the reason.
  document.body.addEventListener("board:published", (event) => {
    const { plants, is_whole: isWhole } = /** @type {CustomEvent} */ (event).detail;
    if (isWhole) dialog.close();
    done(plants);
  });
  /** @param {number[]} plants those that are ticked */
  return async (plants) => {
    const { htmx } = /** @type {any} */ (globalThis);
    dialog.replaceChildren();
    const asked = htmx.ajax("GET", `${url}?${plants.map((one) => `plant=${one}`).join("&")}`, { source: dialog, target: dialog, swap: "innerHTML" });
    const hasCome = await asked.then(() => dialog.childElementCount > 0, () => false);
    if (!hasCome) return failed();
    if (!dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus], .btn-main"))?.focus({ preventScroll: true });
  };
}

// The search for a better plan: opened and closed here, filled and kept fresh by the server's part.
/** @param {HTMLElement} box @param {string} url @param {HTMLElement} button */
export function searcher(box, url, button) {
  const { htmx } = /** @type {any} */ (globalThis);
  // A button that is being pressed is not exchanged under the hand.
  const fetch = () => { if (!box.hidden && !box.querySelector("button:active")) htmx.ajax("GET", url, { source: box, target: box, swap: "innerHTML" }); };
  for (const topic of ["runs", "run-progress"]) document.body.addEventListener(`live:${topic}`, fetch);
  box.addEventListener("htmx:afterRequest", (event) => { if (/** @type {any} */ (event).detail.requestConfig.verb === "post") fetch(); });
  return () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (box.hidden) button.focus();
    fetch();
  };
}
