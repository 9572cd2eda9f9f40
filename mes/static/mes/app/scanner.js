// A scanner is a keyboard that types faster than a hand and ends with Enter; camera.js is the other way to scan.

const FASTEST_HAND_MS = 60;
let typed = "";
let last = 0;

export function hear(found) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input, textarea, select");
    if (field && field.inputMode !== "none") return;
    if (event.timeStamp - last > FASTEST_HAND_MS) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter") {
      if (typed.length < 3) return;
      event.preventDefault();
      const code = typed;
      typed = "";
      found(code);
    } else if (event.key.length === 1) typed += event.key;
  });
}
