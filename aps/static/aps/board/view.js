// The board on its canvas, drawn layer by layer; whoever changes something calls `redraw`.
import { drawAxis, drawNow, drawPromises } from "./axis.js";
import { collect } from "./bars.js";
import { drawChain, drawDue } from "./chain.js";
import { drawBand, drawDrag, drawRings } from "./float.js";
import { drawFrozen, drawGround, drawLanes, drawVeil } from "./ground.js";
import { drawHistograms } from "./histogram.js";
import { MINI, TOP, isNarrow, leftOf } from "./layout.js";
import { drawLeft } from "./left.js";
import { drawBlocks, drawDiamonds, drawGhosts } from "./marks.js";
import { drawMini } from "./minimap.js";
import { drawBars, drawProgress, drawSetups, drawWords } from "./paint.js";
import { anchor, hatches, palette } from "./palette.js";
import { Sight } from "./sight.js";
import { Words } from "./words.js";

/** @typedef {import("./types.js").Place} Place */
/** @typedef {{ rows: Place[], machines: Place[], found: import("./types.js").Found }} Frame what one draw shows */
/** @typedef {[string, (view: BoardView, frame: Frame) => void]} Layer */

/** @type {Layer[]} */
const UNDER = [["ground", (view, { rows }) => drawGround(view, rows)]];
/** Cut to the lanes. @type {Layer[]} */
const INSIDE = [
  ["frozen", (view, { rows }) => drawFrozen(view, rows)],
  ["lanes", (view, { rows }) => drawLanes(view, rows)],
  ["load", (view, { rows }) => drawHistograms(view, rows)],
  ["bars", (view, { found }) => drawBars(view, found)],
  ["progress", (view, { found }) => drawProgress(view, found.progress)],
  ["setups", (view, { found }) => drawSetups(view, found.setups)],
  ["words", (view, { found }) => drawWords(view, found)],
  ["blocks", (view, { machines }) => drawBlocks(view, machines)],
  ["ghosts", drawGhosts],
  ["material", (view, { found }) => drawDiamonds(view, found)],
  ["veil", (view, { rows }) => drawVeil(view, rows)],
  ["rings", drawRings],
  ["chain", drawChain],
  ["drag", drawDrag],
  ["band", drawBand],
];
/** @type {Layer[]} */
const AROUND = [
  ["left", (view, { rows }) => drawLeft(view, rows)],
  ["axis", drawAxis], ["promises", drawPromises], ["now", drawNow], ["due", drawDue],
  ["map", (view) => { if (view.bottom < view.height) drawMini(view); }],
];
export const LAYERS = [...UNDER, ...INSIDE, ...AROUND].map(([name]) => name);

export class BoardView extends Sight {
  /** @param {HTMLCanvasElement} canvas @param {any} given a plan, or the data of one @param {Record<string, string>} say */
  constructor(canvas, given, say) {
    super(given, say);
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.words = new Words(this.context);
    this.isDark = false;
    this.hasMap = true;
    this.colours = palette(false);
    [this.asked, this.drawn, this.lastMs] = [0, 0, 0];
    /** @type {Set<string>} layers that are left out, to see that each is there */
    this.without = new Set();
    /** @type {import("./palette.js").Patterns | null} */
    this.hatching = null;
    /** @type {{ plan: import("./types.js").Plan, key: string, image: OffscreenCanvas, isDue: boolean } | null} */
    this.mini = null;
    /** @type {number[]} local midnights in view, and the one before */
    this.days = [];
    this.isReady = true;
  }

  get patterns() { return (this.hatching ||= hatches(this.context, this.colours, this.ratio)); }

  /** A hidden canvas keeps the size that it had. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    [this.width, this.height, this.bottom] = [clientWidth, clientHeight, clientHeight - (this.hasMap && !isNarrow(clientWidth) ? MINI : 0)];
    this.ratio = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    Object.assign(this.scale, { width: this.width, left: leftOf(this.width) });
    this.hatching = null;
    this.draw();
  }

  /** @param {boolean} isDark */
  theme(isDark) {
    this.isDark = isDark;
    this.colours = palette(isDark);
    this.hatching = null;
    this.redraw();
  }

  redraw() {
    if (!this.isReady || this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.draw();
    });
  }

  /** The legend with each style's colours: fill, border, number, words. */
  legendPainted() { return this.legend().map((one) => ({ ...one, paint: this.colours.bars[one.style] })); }

  draw() {
    if (!this.width) return;
    const began = performance.now();
    const { context, ratio } = this;
    this.keepWithin();
    this.days = this.zone.midnights(this.scale.from, this.scale.until);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    anchor(this.patterns, ratio, -this.scale.from * this.scale.perMinute, -this.top);
    context.textBaseline = "middle";
    context.textAlign = "left";
    const rows = this.layout.visible(this.top, this.top + this.bottom - TOP);
    const machines = rows.filter((place) => place.kind === "machine");
    const frame = { rows, machines, found: collect(this, machines) };
    this.layer(UNDER, frame);
    context.save();
    context.beginPath();
    context.rect(this.scale.left, TOP, this.width, this.bottom - TOP);
    context.clip();
    this.layer(INSIDE, frame);
    context.restore();
    this.layer(AROUND, frame);
    this.drawn = frame.found.count;
    this.lastMs = performance.now() - began;
  }

  /** @param {Layer[]} layers @param {Frame} frame */
  layer(layers, frame) {
    for (const [name, draw] of layers) if (!this.without.has(name)) draw(this, frame);
  }
}
