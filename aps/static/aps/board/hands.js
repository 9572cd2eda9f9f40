// Pointer and wheel: pan, zoom at the pointer, hover, choose, select with a band, lift and carry. Mouse, pen and fingers.
import { TOP } from "./layout.js";

const MOVED_PX = 4;
const FINGER_PX = 8;
const LONG_MS = 450;
const EDGE_PX = 36;

/**
 * What a pointer does: "wait" until it has moved, then "pan", "band", "carry" or "mini".
 * @typedef {{id: number, x: number, y: number, lastX: number, lastY: number, deed: string, op: number | null, isTouch: boolean, isFar: boolean, timer: number, event: PointerEvent}} Press
 */

export class Hands {
  /** @param {any} view @param {HTMLElement} element @param {import("./hand.js").Hand | null} hand @param {any} on hover, choose, select, chooseOrder, looked */
  constructor(view, element, hand, on) {
    this.view = view;
    this.element = element;
    this.hand = hand;
    this.on = on;
    /** @type {Map<number, [number, number]>} */
    this.pointers = new Map();
    /** @type {Press | null} */
    this.press = null;
    /** @type {any} */
    this.pinch = null;
    this.frame = 0;
    const listen = (/** @type {string} */ name, /** @type {any} */ deed, /** @type {any} */ options) => element.addEventListener(name, deed.bind(this), options);
    listen("wheel", this.wheel, { passive: false });
    listen("pointerdown", this.down, {});
    listen("pointermove", this.moved, {});
    listen("pointerup", this.up, {});
    listen("pointercancel", this.lost, {});
    listen("pointerleave", this.left, {});
    listen("contextmenu", (/** @type {Event} */ event) => { if (this.press?.isTouch) event.preventDefault(); }, {});
  }
  /** @param {MouseEvent} event @returns {[number, number]} */
  at(event) {
    const box = this.view.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const { view } = this;
    const [x] = this.at(event);
    if (event.ctrlKey || event.metaKey) view.zoom(view.scale.perHour * Math.exp(-event.deltaY * 0.002), Math.max(x, view.scale.left));
    else if (event.shiftKey) view.pan(event.deltaY || event.deltaX, 0);
    else view.pan(event.deltaX, event.deltaY);
    this.on.hover(null);
    this.on.looked();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button) return;
    const [x, y] = this.at(event);
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [x, y]);
    if (this.pointers.size === 2) {
      this.begin2();
      return;
    }
    const isTouch = event.pointerType === "touch";
    const mini = this.view.miniAt?.(x, y);
    const op = this.view.hit(x, y);
    this.press = { id: event.pointerId, x, y, lastX: x, lastY: y, deed: mini === null || mini === undefined ? "wait" : "mini", op, isTouch, isFar: false, timer: 0, event };
    if (this.press.deed === "mini") this.view.show(mini, 0.5);
    else if (isTouch && op !== null && this.hand) this.press.timer = setTimeout(() => this.long(), LONG_MS);
  }
  // Two fingers: what was begun with one is given up.
  begin2() {
    clearTimeout(this.press?.timer);
    if (this.press?.deed === "carry") this.hand?.cancel();
    this.press = null;
    const { far, x, y } = this.spread();
    this.pinch = { far, perHour: this.view.scale.perHour, x, y };
  }
  spread() {
    const [[x1, y1], [x2, y2]] = [...this.pointers.values()];
    return { far: Math.abs(x1 - x2) || 1, x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  }
  // A finger that rests on work lifts it.
  long() {
    const { press } = this;
    if (!press || press.deed !== "wait" || press.op === null) return;
    press.deed = this.hand?.lift(press.op, press) ? "carry" : "done";
    if (press.deed === "carry") navigator.vibrate?.(15);
    this.show();
  }

  /** @param {PointerEvent} event */
  moved(event) {
    const [x, y] = this.at(event);
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, [x, y]);
    if (this.pinch && this.pointers.size === 2) this.pinched();
    else if (this.press) this.pressed(event, x, y);
    else if (event.pointerType !== "touch") this.hovered(x, y);
  }
  pinched() {
    const { far, x, y } = this.spread();
    const { view, pinch } = this;
    view.pan(pinch.x - x, pinch.y - y);
    Object.assign(pinch, { x, y });
    view.zoom((pinch.perHour * far) / pinch.far, x);
    this.on.looked();
  }
  /** @param {PointerEvent} event @param {number} x @param {number} y */
  pressed(event, x, y) {
    const press = /** @type {Press} */ (this.press);
    press.isFar ||= Math.hypot(x - press.x, y - press.y) > (press.isTouch ? FINGER_PX : MOVED_PX);
    // A finger that trembles has not moved.
    if (!press.isFar && (press.deed === "wait" || (press.deed === "carry" && press.isTouch))) return;
    if (press.deed === "wait") {
      clearTimeout(press.timer);
      press.deed = this.deed(press, event);
      this.show();
    }
    press.event = event;
    if (press.deed === "pan") this.view.pan(press.lastX - x, press.lastY - y);
    else if (press.deed === "band") this.view.band = { x1: press.x, y1: press.y, x2: x, y2: y };
    else if (press.deed === "carry") this.carry(x, y);
    else if (press.deed === "mini") this.view.show(this.view.miniAt(x, y) ?? this.view.scale.from, 0.5);
    Object.assign(press, { lastX: x, lastY: y });
    this.view.redraw();
    this.on.hover(null);
    this.on.looked();
  }
  // What the first movement begins: only free work is carried, everything else pans; what stays though one may plan says why.
  /** @param {Press} press @param {PointerEvent} event */
  deed(press, event) {
    if (event.shiftKey && !press.isTouch) return "band";
    if (press.op === null || press.isTouch || !this.hand || this.hand.why(press.op) === "closed") return "pan";
    return this.hand.lift(press.op, press) ? "carry" : "pan";
  }
  /** @param {number} x @param {number} y */
  carry(x, y) {
    this.hand?.move(x, y, Boolean(this.press?.event.altKey));
    if (!this.frame) this.frame = requestAnimationFrame(() => this.edge());
  }
  // Held at the edge, the board moves on under it.
  edge() {
    this.frame = 0;
    const { press, view } = this;
    if (press?.deed !== "carry" || !this.hand?.held) return;
    const away = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => (at < low + EDGE_PX ? at - low - EDGE_PX : at > high - EDGE_PX ? at - high + EDGE_PX : 0) / 3;
    const dx = away(press.lastX, view.scale.left, view.width);
    const dy = away(press.lastY, TOP, view.height);
    if (!dx && !dy) return;
    view.pan(dx, dy);
    this.carry(press.lastX, press.lastY);
  }

  /** @param {number} x @param {number} y */
  hovered(x, y) {
    const { view } = this;
    const op = view.hit(x, y);
    if (op !== view.hover) {
      view.hover = op;
      view.redraw();
    }
    const isHead = x < view.scale.left && ["centre", "plant", "people"].includes(view.placeAt(y)?.kind);
    const isFlag = (view.flagAt?.(x, y) ?? null) !== null;
    this.show(op !== null && this.hand && !this.hand.why(op) ? "lift" : op !== null || isHead || isFlag ? "point" : "");
    this.on.hover(op, x, y);
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
    const was = this.press;
    this.press = null;
    this.show();
    if (!was || was.id !== event.pointerId) return;
    clearTimeout(was.timer);
    if (was.deed === "carry" && was.isTouch && !was.isFar) this.added(was);
    else if (was.deed === "carry") this.hand?.drop();
    else if (was.deed === "band") this.banded(was);
    else if (was.deed === "wait") this.click(was, event);
  }
  // Lifted by a finger and let go on the spot: what Shift and a click do.
  /** @param {Press} was */
  added(was) {
    this.hand?.cancel();
    this.on.choose(was.op, true);
  }
  /** @param {Press} was */
  banded(was) {
    const { band } = this.view;
    this.view.band = null;
    this.view.redraw();
    if (band) this.on.select(band, was);
  }
  /** @param {Press} was @param {PointerEvent} event */
  click(was, event) {
    const { view } = this;
    if (was.x < view.scale.left && was.y >= TOP) {
      const place = view.placeAt(was.y);
      const key = place?.key ?? place?.centre?.id;
      if (place && place.kind !== "machine" && key !== "") view.fold(key);
      this.on.looked();
      return;
    }
    const order = view.flagAt?.(was.x, was.y) ?? null;
    if (order !== null) this.on.chooseOrder(order);
    else this.on.choose(was.op, event.shiftKey);
    // A finger cannot hover: what it taps says what it is.
    if (was.isTouch && was.op === null && order === null) this.on.hover(null, was.x, was.y);
  }
  lost(/** @type {PointerEvent} */ event) {
    this.pointers.delete(event.pointerId);
    clearTimeout(this.press?.timer);
    if (this.press?.deed === "carry") this.hand?.cancel();
    this.press = null;
    this.pinch = null;
    this.view.band = null;
    this.show();
  }
  // Given up in the middle, by Escape.
  cancel() {
    if (this.press?.deed === "band") this.view.band = null;
    if (this.press) this.press.deed = "done";
    this.hand?.cancel();
    this.view.redraw();
  }
  left() {
    this.on.hover(null);
    if (this.view.hover === null) return;
    this.view.hover = null;
    this.view.redraw();
  }
  /** @param {string} [hand] */
  show(hand) { this.element.dataset.hand = hand ?? { pan: "pan", carry: "carry", band: "band" }[this.press?.deed || ""] ?? ""; }
}
