// Keys of the board: look around, choose, select, lift with M and carry with the arrows, undo and redo.
import { PRESETS } from "./scale.js";

/** @type {Record<string, number[]>} */
const PAN = { ArrowLeft: [-120, 0], ArrowRight: [120, 0], ArrowUp: [0, -48], ArrowDown: [0, 48], PageUp: [0, -400], PageDown: [0, 400] };
/** @type {Record<string, number[]>} */
const CARRY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<string, keyof typeof PRESETS>} */
const BY_DIGIT = { 1: "hour", 2: "shift", 3: "day", 4: "week" };
const STEP_MIN = 5;
const FAR_MIN = 60;

/** @param {KeyboardEvent} event */
const isTyping = (event) => event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null;

// Keys while the board has the focus; true: taken.
/** @param {any} view @param {import("./hand.js").Hand | null} hand @param {any} on @param {KeyboardEvent} event */
export function key(view, hand, on, event) {
  if (event.ctrlKey || event.metaKey) return false;
  if (hand?.held) return carried(hand, on, event);
  if (event.altKey) return false;
  if (PAN[event.key]) {
    view.pan(...PAN[event.key]);
    on.looked();
    return true;
  }
  return zoomed(view, on, event.key) || deed(view, hand, on, event);
}

/** @param {any} view @param {any} on @param {string} pressed */
function zoomed(view, on, pressed) {
  if (pressed === "+" || pressed === "=") on.zoom(view.scale.perHour * 1.25);
  else if (pressed === "-") on.zoom(view.scale.perHour / 1.25);
  else if (BY_DIGIT[pressed]) on.zoom(PRESETS[BY_DIGIT[pressed]]);
  else return false;
  return true;
}

/** @param {any} view @param {import("./hand.js").Hand | null} hand @param {any} on @param {KeyboardEvent} event */
function deed(view, hand, on, event) {
  /** @type {Record<string, () => void>} */
  const deeds = {
    Home: on.now, n: on.now, f: on.focus, t: on.table, c: on.compare, Enter: () => on.next(event.shiftKey ? -1 : 1), "]": () => on.next(1), "[": () => on.next(-1),
    " ": () => on.mark(), Escape: on.escape, m: () => on.lift(), p: on.pin,
  };
  const wanted = deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!wanted) return false;
  wanted();
  return true;
}

/** @param {import("./hand.js").Hand} hand @param {any} on @param {KeyboardEvent} event */
function carried(hand, on, event) {
  const way = CARRY[event.key];
  if (event.key === "Escape") on.escape();
  else if (!hand.byKeys) return false;
  else if (way) hand.step(way[0] * (event.shiftKey ? FAR_MIN : STEP_MIN), way[1]);
  else if (event.key === "Enter" || event.key === " ") hand.drop();
  else if (event.key.toLowerCase() === "p") hand.pin();
  else return false;
  return true;
}

// Keys of the whole page: undo, redo, search, Escape while the mouse carries.
/** @param {any} on @param {KeyboardEvent} event */
export function pageKey(on, event) {
  if (isTyping(event)) return false;
  const pressed = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && pressed === "z") (event.shiftKey ? on.redo : on.undo)();
  else if ((event.ctrlKey || event.metaKey) && pressed === "y") on.redo();
  else if (event.key === "/") on.search();
  else if (event.key === "Escape") return on.escape();
  else return false;
  return true;
}
