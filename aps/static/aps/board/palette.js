// Colours of the canvas, light and dark; a bar's are fill, border, number, words. Only late is solid; on time is calm.
import { FAMILIES, HUES } from "./style.js";

/** @typedef {import("./types.js").Paint} Paint */

const LIGHT = {
  isDark: false,
  paper: "#ffffff", canvas: "#f6f8fa", closed: "#f0f3f6", centre: "#f8fafc", plant: "#eef2f6", lane: "#eaeff4", line: "#e2e8f0",
  strong: "#cbd5e1", day: "#b8c4d2", ink: "#0b1220", second: "#475569", third: "#5b6878", now: "#0b1220",
  brand: "#0f766e", onBrand: "#ffffff", onState: "#ffffff", soft: "rgba(15,118,110,.09)", softer: "rgba(15,118,110,.045)",
  late: "#b91c1c", risk: "#9a4708", flag: "#b45309", running: "#2563eb", violet: "#6d28d9", frozen: "rgba(109,40,217,.045)",
  hatch: "#8a99ab", hatchLate: "#b91c1c", hatchBrand: "#0f766e", hole: "rgba(185,28,28,.5)", service: "rgba(91,104,120,.5)", need: "rgba(180,83,9,.85)",
  load: "#c3cfdc", loadSetup: "#94a3b8", needLine: "#0b1220", mini: "#a9b8c9",
  progress: "rgba(37,99,235,.15)", progressSolid: "rgba(0,0,0,.18)", veil: "rgba(255,255,255,.62)", shade: "rgba(246,248,250,.55)", shadow: "rgba(11,18,32,.22)",
};
const DARK = {
  isDark: true,
  paper: "#121a26", canvas: "#0b111a", closed: "#0c131c", centre: "#162030", plant: "#1b2636", lane: "#1b2533", line: "#232e3d",
  strong: "#36455a", day: "#43536a", ink: "#e8edf4", second: "#a7b3c2", third: "#93a1b3", now: "#f4f7fb",
  brand: "#2fb5a9", onBrand: "#04110f", onState: "#140b02", soft: "rgba(47,181,169,.14)", softer: "rgba(47,181,169,.07)",
  late: "#ef6461", risk: "#f0b062", flag: "#e0912f", running: "#5b92f7", violet: "#a583f2", frozen: "rgba(165,131,242,.08)",
  hatch: "#6b7f98", hatchLate: "#ef6461", hatchBrand: "#2fb5a9", hole: "rgba(239,100,97,.55)", service: "rgba(147,161,179,.5)", need: "rgba(224,145,47,.85)",
  load: "#3a4b61", loadSetup: "#5d7189", needLine: "#e8edf4", mini: "#4b6078",
  progress: "rgba(255,255,255,.11)", progressSolid: "rgba(0,0,0,.22)", veil: "rgba(18,26,38,.62)", shade: "rgba(11,17,26,.5)", shadow: "rgba(0,0,0,.6)",
};
/** @type {Record<string, Paint>} */
const LIGHT_BARS = {
  calm: ["#e3eaf2", "#bfccda", "#172033", "#4d5a6e"],
  running: ["#dce8fc", "#8fb4f4", "#12316f", "#34548f"],
  held: ["#eee6fb", "#bda3ec", "#4c1d95", "#6b46a8"],
  risk: ["#fdebcd", "#dd9a3e", "#6f3605", "#8a4a10"],
  late: ["#b91c1c", "#971616", "#ffffff", "#ffe0e0"],
  chosen: ["#0f766e", "#0b5f58", "#ffffff", "#d3f1ee"],
  slot: ["#d3efeb", "#0f766e", "#0f766e", "#0f766e"],
  leaves: ["#ffffff", "#8a99ab", "#475569", "#475569"],
  comes: ["#eaf7f5", "#4f9f98", "#0b5f58", "#2d6f69"],
  dim: ["#f5f7f9", "#e4e9ef", "#a3afbd", "#a3afbd"],
  dimLate: ["#f6dcdc", "#e8b9b9", "#b06a6a", "#b06a6a"],
  dimRisk: ["#fbf2e4", "#ecd9bb", "#b39264", "#b39264"],
  footRisk: ["#ffffff", "#b45309", "#172033", "#4d5a6e"],
  footLate: ["#ffffff", "#b91c1c", "#172033", "#4d5a6e"],
};
/** @type {Record<string, Paint>} */
const DARK_BARS = {
  calm: ["#26354a", "#3d506a", "#e3eaf3", "#a3b2c5"],
  running: ["#1a315c", "#3f6fc4", "#d3e2fd", "#9dbdf5"],
  held: ["#2f2250", "#6a4fae", "#ddd0fb", "#b7a2ea"],
  risk: ["#4a3210", "#b07526", "#fbd9a6", "#dfb980"],
  late: ["#c93532", "#ef6461", "#ffffff", "#fff3f2"],
  chosen: ["#14978c", "#4cc9bd", "#03110f", "#021a18"],
  slot: ["#143b3a", "#2fb5a9", "#4cc9bd", "#4cc9bd"],
  leaves: ["#121a26", "#6b7f98", "#a7b3c2", "#a7b3c2"],
  comes: ["#12302f", "#2b8f86", "#6fd6cc", "#5fb8b0"],
  dim: ["#172130", "#202c3b", "#526175", "#526175"],
  dimLate: ["#371c22", "#5a2a30", "#a06165", "#a06165"],
  dimRisk: ["#2a2316", "#493a1f", "#8b7146", "#8b7146"],
  footRisk: ["#121a26", "#e0912f", "#e3eaf3", "#a3b2c5"],
  footLate: ["#121a26", "#ef6461", "#e3eaf3", "#a3b2c5"],
};

// Hues of orders, far enough from each other and none of them the red of late.
const ANGLES = [205, 172, 148, 96, 52, 30, 285, 320, 262, 240, 222, 125];
/** Colours of families in OKLCH: lightness, chroma, hue. Each was chosen farthest from those before it, in light and dark. */
export const FAMILY_COLOURS = /** @type {[number, number, number][]} */ ([
  [84, 0.075, 80], [77, 0.08, 260], [91, 0.06, 205], [77, 0.08, 165], [77, 0.08, 355], [91, 0.06, 340], [77, 0.02, 80], [91, 0.06, 125],
  [84, 0.075, 300], [84, 0.075, 25], [84, 0.02, 235], [77, 0.08, 115], [77, 0.08, 50], [84, 0.075, 185], [91, 0.045, 55], [84, 0.075, 135],
]);
/** The same colour on dark paper. @param {[number, number, number]} colour @returns {[number, number, number]} */
export const darkened = ([light, chroma, hue]) => [light === 91 ? 44 : light === 84 ? 37.5 : 31, 0.8 * chroma, hue];

/** @param {Record<string, Paint>} bars @param {boolean} isDark */
function withHues(bars, isDark) {
  for (let hue = 0; hue < HUES; hue++) {
    const angle = ANGLES[hue];
    bars[`order${hue}`] = isDark
      ? [`hsl(${angle} 28% 27%)`, `hsl(${angle} 30% 44%)`, "#eef2f7", "#c3cedb"]
      : [`hsl(${angle} 52% 89%)`, `hsl(${angle} 32% 68%)`, "#141b28", "#2f3846"];
  }
  for (let at = 0; at < FAMILIES; at++) {
    const [light, chroma, hue] = isDark ? darkened(FAMILY_COLOURS[at]) : FAMILY_COLOURS[at];
    const paint = (/** @type {number} */ shift) => `oklch(${light + shift}% ${chroma} ${hue})`;
    bars[`family${at}`] = isDark ? [paint(0), paint(17), "#eef2f7", "#c3cedb"] : [paint(0), paint(-17), "#141b28", "#2f3846"];
  }
  bars.family = bars.calm;
  return bars;
}

const SETS = [{ ...LIGHT, bars: withHues(LIGHT_BARS, false) }, { ...DARK, bars: withHues(DARK_BARS, true) }];

/** @typedef {typeof SETS[0]} Colours */

/** @param {boolean} isDark @returns {Colours} */
export const palette = (isDark) => SETS[isDark ? 1 : 0];

const HATCHES = /** @type {const} */ (["hatch", "hatchLate", "hatchBrand", "hole", "service", "need"]);

/** @typedef {Record<typeof HATCHES[number], CanvasPattern>} Patterns */

/** Diagonal lines of each colour, made at device scale. @param {CanvasRenderingContext2D} context @param {Colours} colours @param {number} ratio */
export function hatches(context, colours, ratio) {
  return /** @type {Patterns} */ (Object.fromEntries(HATCHES.map((name) => [name, hatch(context, colours[name], ratio)])));
}

const TILE_PX = 6;

/** @param {CanvasRenderingContext2D} context @param {string} colour @param {number} ratio */
function hatch(context, colour, ratio) {
  const size = Math.round(TILE_PX * ratio);
  const tile = new OffscreenCanvas(size, size);
  const drawing = tile.getContext("2d");
  if (!drawing) throw new Error("no canvas");
  drawing.strokeStyle = colour;
  drawing.lineWidth = ratio;
  drawing.beginPath();
  for (const shift of [-size, 0, size]) {
    drawing.moveTo(shift, size);
    drawing.lineTo(shift + size, 0);
  }
  drawing.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (!pattern) throw new Error("no pattern");
  return pattern;
}

/**
 * All of them anchored to time and rows, so that no hatch swims while one pans.
 * @param {Patterns} patterns @param {number} ratio @param {number} dx @param {number} dy
 */
export function anchor(patterns, ratio, dx, dy) {
  const matrix = new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, dx % TILE_PX, dy % TILE_PX]);
  for (const name of HATCHES) patterns[name].setTransform(matrix);
}
