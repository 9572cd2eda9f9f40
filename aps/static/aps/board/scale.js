// Time on the screen: minutes to pixels and back, zoom at a point, limits. Pure; times are minutes from the epoch.

export const PRESETS = { hour: 96, shift: 30, day: 12, week: 5 };
const LEAST = 2.2;
const MOST = 220;
const MARGIN_MIN = 600;

export class Scale {
  constructor(from = 0, pixelsPerHour = PRESETS.shift, left = 240, width = 1000) {
    this.from = from;
    this.perHour = pixelsPerHour;
    this.left = left;
    this.width = width;
  }
  get perMinute() { return this.perHour / 60; }
  get until() { return this.time(this.width); }
  get isWeek() { return this.perHour < 8; }
  /** @param {number} time */
  x(time) { return this.left + (time - this.from) * this.perMinute; }
  /** @param {number} x */
  time(x) { return this.from + (x - this.left) / this.perMinute; }
  /** The time under `x` stays under `x`. @param {number} perHour @param {number} x */
  zoom(perHour, x) {
    const held = this.time(x);
    this.perHour = Math.max(LEAST, Math.min(MOST, perHour));
    this.from = held - (x - this.left) / this.perMinute;
  }
  /** @param {number} pixels */
  pan(pixels) { this.from += pixels / this.perMinute; }
  /** @param {number} time @param {number} share of the width that lies before it */
  show(time, share = 0.2) { this.from = time - ((this.width - this.left) * share) / this.perMinute; }
  /** @param {number} first @param {number} last */
  keepWithin(first, last) {
    const view = (this.width - this.left) / this.perMinute;
    this.from = Math.min(this.from, Math.max(first - MARGIN_MIN, last + MARGIN_MIN - view));
    this.from = Math.max(this.from, first - MARGIN_MIN);
  }
}

/** Edges on whole device pixels are crisp. @param {number} value @param {number} ratio */
export const snap = (value, ratio) => Math.round(value * ratio) / ratio;
