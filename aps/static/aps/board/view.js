// The board's state and one draw of it; whoever changes something calls `redraw`.
import { collect, drawBars } from "./bars.js";
import { drawChain, drawDue, drawRing } from "./chain.js";
import { drawAxis, drawGround, drawHoles, drawLeft, drawNow } from "./frame.js";
import { machinesOf, operationAt } from "./hit.js";
import { LEFT, Layout, TOP } from "./layout.js";
import { hatch, palette } from "./palette.js";
import { chainOf, load, read } from "./plan.js";
import { PRESETS, Scale } from "./scale.js";
import { Words } from "./words.js";
import { Zone } from "./zone.js";

export class BoardView {
  constructor(canvas, data, say) {
    Object.assign(this, { canvas, say, width: 0, height: 0, top: 0, chosen: null, chosenOp: null, hover: null, isDark: false, frame: 0 });
    this.context = canvas.getContext("2d", { alpha: false });
    this.words = new Words(this.context);
    this.scale = new Scale(0, PRESETS.shift, LEFT, 1000);
    this.take(data);
    this.scale.show(this.plan.now, 0.15);
  }
  // New data: what one looks at, and what is chosen, stays.
  take(data) {
    const chosenId = this.chosenOp === null ? null : this.plan.id[this.chosenOp];
    const kept = this.layout;
    this.plan = read(data);
    this.zone = new Zone(data.epoch, data.plant.zone);
    this.layout = new Layout(data.machines, data.work_centres);
    if (kept) {
      this.layout.folded = kept.folded;
      this.layout.isWeek = kept.isWeek;
      this.layout.lay();
    }
    this.hover = null;
    this.loads = null;
    this.choose(chosenId === null ? null : this.plan.at.get(chosenId) ?? null);
  }
  y(place) { return TOP + place.y - this.top; }
  // A hidden canvas keeps the size that it had.
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    Object.assign(this, { width: clientWidth, height: clientHeight, ratio: globalThis.devicePixelRatio || 1 });
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.scale.width = this.width;
    this.patterns = null;
    this.draw();
  }
  theme(isDark) {
    this.isDark = isDark;
    this.patterns = null;
    this.redraw();
  }
  redraw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }
  keepWithin() {
    this.scale.keepWithin(this.plan.first, this.plan.last);
    this.top = Math.max(0, Math.min(this.top, this.layout.height - (this.height - TOP) + 12));
  }
  zoom(perHour, x = this.scale.left + (this.width - this.scale.left) * 0.25) {
    this.scale.zoom(perHour, x);
    if (this.scale.isWeek !== this.layout.isWeek) {
      const middle = this.top / this.layout.height;
      this.layout.isWeek = this.scale.isWeek;
      this.layout.lay();
      this.top = middle * this.layout.height;
    }
    this.redraw();
  }
  pan(dx, dy) {
    this.scale.pan(dx);
    this.top += dy;
    this.redraw();
  }
  show(time, share) {
    this.scale.show(time, share);
    this.redraw();
  }
  // Bring a machine's row into view.
  reveal(machine) {
    const place = this.layout.placeOf[machine];
    const room = this.height - TOP;
    if (place.y < this.top + 30 || place.y + place.h > this.top + room - 30) this.top = place.y - room / 2;
    this.redraw();
  }
  choose(op) {
    this.chosenOp = op;
    this.chosen = op === null ? null : new Set(chainOf(this.plan, op));
    if (op === null && this.layout.only) this.focus(false);
    this.redraw();
  }
  // Only the machines of the chosen order keep their height.
  focus(isOn) {
    this.layout.only = isOn && this.chosenOp !== null ? machinesOf(this.plan, this.plan.order[this.chosenOp]) : null;
    this.layout.lay();
    this.redraw();
  }
  fold(centre) {
    const { folded } = this.layout;
    if (!folded.delete(centre)) folded.add(centre);
    this.layout.lay();
    this.redraw();
  }
  hit(x, y) {
    return y < TOP ? null : operationAt(this.plan, this.layout, this.scale, x, y - TOP + this.top);
  }
  placeAt(y) { return y < TOP ? undefined : this.layout.at(y - TOP + this.top); }
  // Load of a machine in the visible span, kept while one looks at the same quarter hours.
  load(machine) {
    const from = Math.round(this.scale.from / 15) * 15;
    const until = Math.round(this.scale.until / 15) * 15;
    const key = `${from}/${until}`;
    if (this.loads?.key !== key) this.loads = { key, of: new Map() };
    if (!this.loads.of.has(machine)) this.loads.of.set(machine, load(this.plan, machine, from, until));
    return this.loads.of.get(machine);
  }
  inView() {
    const rows = this.layout.visible(this.top, this.top + this.height - TOP).filter((place) => place.kind === "machine");
    return rows.flatMap(({ machine }) => this.plan.rows[machine].filter((op) => this.plan.end[op] > this.scale.from && this.plan.start[op] < this.scale.until));
  }
  draw() {
    const began = performance.now();
    const { context, ratio } = this;
    if (!this.width || !ratio) return;
    this.keepWithin();
    this.colours = palette(this.isDark);
    this.patterns ||= {
      setup: hatch(context, this.colours.hatch, ratio),
      solid: hatch(context, this.colours.hatchOnSolid, ratio),
      hole: hatch(context, this.colours.hole, ratio),
    };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textBaseline = "middle";
    context.textAlign = "left";
    const rows = this.layout.visible(this.top, this.top + this.height - TOP);
    const machines = rows.filter((place) => place.kind === "machine");
    drawGround(this, rows);
    context.save();
    context.beginPath();
    context.rect(this.scale.left, TOP, this.width, this.height);
    context.clip();
    const found = collect(this, machines);
    drawBars(this, found);
    drawHoles(this, machines);
    if (this.chosen) drawChain(this);
    if (this.hover !== null) drawRing(this, this.hover, this.colours.ink);
    if (this.chosenOp !== null) drawRing(this, this.chosenOp, this.colours.ink);
    context.restore();
    drawLeft(this, rows);
    drawAxis(this);
    drawNow(this);
    if (this.chosen) drawDue(this);
    this.drawn = found.count;
    this.lastMs = performance.now() - began;
  }
}
