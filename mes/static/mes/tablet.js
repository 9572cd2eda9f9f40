// The tablet: nothing moves under a finger, scanners are always heard, a menu closes when somebody taps beside it.

let isDown = false;
let missed = null;

addEventListener("pointerdown", () => { isDown = true; }, true);
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => {
    isDown = false;
    const part = missed;
    missed = null;
    // After the click has been handled: a tap that leads elsewhere needs no newer list.
    if (part) setTimeout(() => { if (part.isConnected) globalThis.htmx.ajax("GET", part.getAttribute("hx-get"), { target: part, swap: "outerHTML" }); }, 300);
  }, true);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (part.id !== "living" || !(isDown || part.querySelector("input:focus"))) return;
  event.detail.shouldSwap = false;
  missed = part;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.who[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A scanner is a keyboard that types faster than a hand and ends with Enter.
const FASTEST_HAND_MS = 60;
let typed = "";
let last = 0;

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  if (event.timeStamp - last > FASTEST_HAND_MS) typed = "";
  last = event.timeStamp;
  if (event.key === "Enter") {
    if (typed.length < 3) return;
    event.preventDefault();
    form.elements.code.value = typed;
    typed = "";
    form.requestSubmit();
  } else if (event.key.length === 1) typed += event.key;
});
