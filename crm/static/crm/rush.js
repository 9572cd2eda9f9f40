// The rush panel: the letter of a card selects it, a click on it too; the seconds of an undo and the minutes of an
// answer count down. Without this script the same is done by links and buttons.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function select(card) {
  const url = new URL(card.dataset.url, location.href);
  history.replaceState(null, "", url);
  if (!window.htmx) {
    location.assign(url);
    return;
  }
  window.htmx.ajax("GET", url.href, { target: "#document", select: "#document", swap: "outerHTML", source: document.body });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const card = document.querySelector(`.option[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
  if (card) select(card);
});

document.addEventListener("click", (event) => {
  const card = event.target.closest(".option[data-key]");
  if (!card || event.target.closest("button, input, label, summary, form, a:not(.look)")) return;
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  select(card);
});

// The server decides whether it is still in time; here it only stops being offered.
const deadlines = new WeakMap();

function undo(form) {
  if (!deadlines.has(form)) deadlines.set(form, performance.now() + 1000 * Number(form.dataset.seconds));
  const left = Math.ceil((deadlines.get(form) - performance.now()) / 1000);
  if (left <= 0) form.remove();
  else form.querySelector(".left").textContent = `${left} s`;
}

function holds(part) {
  const minutes = Math.ceil((new Date(part.dataset.until) - Date.now()) / 60000);
  part.title = minutes > 0 ? `${minutes} min` : "";
  part.classList.toggle("c-risk", minutes <= 5);
  if (minutes <= 0 && !part.dataset.over) {
    part.dataset.over = "1";
    document.body.dispatchEvent(new CustomEvent("live:rush"));
  }
}

setInterval(() => {
  for (const form of document.querySelectorAll(".undo[data-seconds]")) undo(form);
  for (const part of document.querySelectorAll(".holds[data-until]")) holds(part);
}, 500);
