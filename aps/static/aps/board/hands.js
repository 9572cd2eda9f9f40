// Pointer, wheel and keys: pan, zoom at the pointer, hover, choose. Calls `on.hover`, `on.choose`, `on.key`.
import { LEFT } from "./layout.js";
import { PRESETS } from "./scale.js";

const MOVED_PX = 4;

export function bind(view, element, on) {
  const pointers = new Map();
  let press = null;
  let pinch = null;
  const at = (event) => {
    const box = view.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spread = () => {
    const [[x1], [x2]] = [...pointers.values()];
    return [Math.abs(x1 - x2) || 1, (x1 + x2) / 2];
  };

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x] = at(event);
    if (event.ctrlKey || event.metaKey) view.zoom(view.scale.perHour * Math.exp(-event.deltaY * 0.002), Math.max(x, LEFT));
    else if (event.shiftKey) view.pan(event.deltaY || event.deltaX, 0);
    else view.pan(event.deltaX, event.deltaY);
    on.hover(null);
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [x, y] = at(event);
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [x, y]);
    if (pointers.size === 2) {
      pinch = { far: spread()[0], perHour: view.scale.perHour };
      press = null;
    } else press = { x, y, lastX: x, lastY: y, isPan: false };
  });

  element.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, [x, y]);
    if (pinch && pointers.size === 2) {
      const [far, middle] = spread();
      view.zoom((pinch.perHour * far) / pinch.far, middle);
      return;
    }
    if (press) {
      press.isPan ||= Math.hypot(x - press.x, y - press.y) > MOVED_PX;
      if (press.isPan) {
        view.pan(press.lastX - x, press.lastY - y);
        Object.assign(press, { lastX: x, lastY: y });
        element.dataset.hand = "pan";
        on.hover(null);
      }
      return;
    }
    const op = view.hit(x, y);
    if (op !== view.hover) {
      view.hover = op;
      view.redraw();
    }
    const place = x < LEFT ? view.placeAt(y) : null;
    element.dataset.hand = op !== null || place?.kind === "centre" ? "point" : "";
    on.hover(op, x, y);
  });

  const lift = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = null;
    const was = press;
    press = null;
    element.dataset.hand = "";
    if (!was || was.isPan || event.type === "pointercancel") return;
    const place = view.placeAt(was.y);
    if (was.x < LEFT) {
      if (place?.kind === "centre") view.fold(place.centre.id);
      return;
    }
    on.choose(view.hit(was.x, was.y));
  };
  element.addEventListener("pointerup", lift);
  element.addEventListener("pointercancel", lift);
  element.addEventListener("pointerleave", () => {
    if (view.hover === null) return;
    view.hover = null;
    view.redraw();
    on.hover(null);
  });
  element.addEventListener("keydown", (event) => { if (key(view, event, on)) event.preventDefault(); });
}

const STEPS = { ArrowLeft: [-120, 0], ArrowRight: [120, 0], ArrowUp: [0, -48], ArrowDown: [0, 48], PageUp: [0, -400], PageDown: [0, 400] };
const BY_DIGIT = { 1: PRESETS.hour, 2: PRESETS.shift, 3: PRESETS.day, 4: PRESETS.week };

function key(view, event, on) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (STEPS[event.key]) view.pan(...STEPS[event.key]);
  else if (event.key === "+" || event.key === "=") view.zoom(view.scale.perHour * 1.25);
  else if (event.key === "-") view.zoom(view.scale.perHour / 1.25);
  else if (BY_DIGIT[event.key]) on.preset(BY_DIGIT[event.key]);
  else if (event.key === "Home" || event.key === "n") view.show(view.plan.now, 0.15);
  else if (event.key === "Escape") on.choose(null);
  else if (event.key === "f") view.focus(!view.layout.only);
  else if (event.key === "t") on.table();
  else if (event.key === "n" || event.key === "Enter") on.next();
  else if (event.key === "[") on.next(-1);
  else if (event.key === "]") on.next(1);
  else return false;
  return true;
}
