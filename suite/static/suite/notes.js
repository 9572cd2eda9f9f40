// Messages at the foot of the page: those that went well leave by themselves, refusals stay until closed.

const notes = document.getElementById("notes");

const leave = (/** @type {Element} */ note) => setTimeout(() => note.remove(), 8000);
for (const note of document.querySelectorAll(".note.is-success, .note.is-info")) leave(note);

document.addEventListener("click", (event) => {
  const close = event.target instanceof Element && event.target.closest("[data-close]");
  if (close) close.closest(".note")?.remove();
});

/** @param {string} text */
export function say(text, kind = "info") {
  if (!notes) return;
  const note = document.createElement("div");
  note.className = `note is-${kind}`;
  note.append(text);
  notes.append(note);
  leave(note);
}

// What a deed says that leaves nobody's page.
document.addEventListener("said", (event) => {
  const { text, kind } = /** @type {CustomEvent} */ (event).detail;
  say(text, kind);
});

/** @type {Record<number, string>} */
const trouble = {
  403: "You may not do this.",
  404: "This is no longer there. Reload the page.",
};
document.addEventListener("htmx:responseError", (event) => {
  const { status } = /** @type {CustomEvent} */ (event).detail.xhr;
  say(trouble[status] || "The server could not do this. What was saved before is safe; try once more.", "error");
});
document.addEventListener("htmx:sendError", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.requestConfig.verb !== "get") say("No connection to the server. Nothing was sent.", "error");
});
