// Colours of the canvas, light and dark: fill, border, number, words. Only late is solid; what is on time is calm.

const LIGHT = {
  paper: "#ffffff", closed: "#f0f3f6", centre: "#f8fafc", lane: "#e9eef3", line: "#e2e8f0", strong: "#cbd5e1", day: "#b8c4d2",
  ink: "#0b1220", second: "#475569", third: "#5b6878", late: "#b91c1c", risk: "#9a4708", running: "#2563eb", brand: "#0f766e",
  hatch: "rgba(51,65,85,.5)", hatchOnSolid: "rgba(255,255,255,.75)", hole: "rgba(185,28,28,.5)", holeBack: "#fdeaea",
  bars: {
    calm: ["#e3eaf2", "#bfccda", "#172033", "#4d5a6e"],
    running: ["#d6e4fb", "#7ba6f2", "#172033", "#33507f"],
    risk: ["#fdebcd", "#dd9a3e", "#6f3605", "#8a4a10"],
    late: ["#b91c1c", "#971616", "#ffffff", "#ffe0e0"],
    chosen: ["#0f766e", "#0b5750", "#ffffff", "#d5efec"],
    dim: ["#f5f7f9", "#e4e9ef", "#a3afbd", "#a3afbd"],
    dimLate: ["#f6dcdc", "#e8b9b9", "#b06a6a", "#b06a6a"],
    dimRisk: ["#fbf2e4", "#ecd9bb", "#b39264", "#b39264"],
  },
};
const DARK = {
  paper: "#121a26", closed: "#0c131c", centre: "#162030", lane: "#1b2533", line: "#232e3d", strong: "#36455a", day: "#43536a",
  ink: "#e8edf4", second: "#a7b3c2", third: "#93a1b3", late: "#ef6461", risk: "#f0b062", running: "#5b92f7", brand: "#2fb5a9",
  hatch: "rgba(203,213,225,.45)", hatchOnSolid: "rgba(255,255,255,.6)", hole: "rgba(239,100,97,.55)", holeBack: "#2c1519",
  bars: {
    calm: ["#26354a", "#3d506a", "#e3eaf3", "#a3b2c5"],
    running: ["#1d3765", "#4576c9", "#eaf1fd", "#b4caf0"],
    risk: ["#4a3210", "#b07526", "#fbd9a6", "#dfb980"],
    late: ["#c93532", "#ef6461", "#ffffff", "#fff3f2"],
    chosen: ["#14978c", "#4cc9bd", "#04110f", "#06231f"],
    dim: ["#172130", "#202c3b", "#526175", "#526175"],
    dimLate: ["#371c22", "#5a2a30", "#a06165", "#a06165"],
    dimRisk: ["#2a2316", "#493a1f", "#8b7146", "#8b7146"],
  },
};

export const palette = (isDark) => (isDark ? DARK : LIGHT);

// Diagonal lines as a pattern at device scale.
export function hatch(context, colour, ratio) {
  const size = 6 * ratio;
  const tile = new OffscreenCanvas(size, size);
  const drawing = tile.getContext("2d");
  drawing.strokeStyle = colour;
  drawing.lineWidth = 1.2 * ratio;
  drawing.beginPath();
  for (const shift of [-size, 0, size]) {
    drawing.moveTo(shift, size);
    drawing.lineTo(shift + size, 0);
  }
  drawing.stroke();
  return context.createPattern(tile, "repeat");
}

// Anchored to time and rows, so that a hatch does not swim while one pans.
export function anchored(pattern, ratio, dx, dy) {
  pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, dx % 6, dy % 6]));
  return pattern;
}
