// Fixed scenes of the board and what they look like: averages of eight by eight pixels beside those that are kept.
import { read } from "/board/plan.js";
import { LAYERS, BoardView } from "/board/view.js";

const SIDE = 8;
const SAY = {
  machines: "Work centre, machine", load: "Load", today: "today", tomorrow: "tomorrow", down: "Down", stock: "Stock", piecesOne: "%(count)s piece", piecesMany: "%(count)s pieces",
  setup: "Setup", machinesOne: "1 machine", machinesMany: "%(count)s machines", promises: "Promises", countAtRisk: "at risk", countLate: "late",
  frozenUntil: "Frozen until", wholePlan: "Whole plan", people: "People", headsBoth: "needed %(need)s, there %(there)s", week: "week", promised: "Promised",
};
let data = null;

// Machines of one calendar share its windows, as they do when they come over the wire.
export function planOf(given) {
  for (const machine of given.machines) machine.windows = given.calendars[machine.calendar];
  return { ...read(given), plants: given.plants };
}

const later = (plan, op, minutes) => ({ machine: plan.machine[op], start: plan.start[op] + minutes, run: plan.run[op] + minutes, end: plan.end[op] + minutes });

const SCENES = {
  plan: (view) => {
    view.show(view.plan.now, 0.2);
    const hours = (value) => Array.from({ length: 96 }, (_, hour) => (hour % 24 > 5 && hour % 24 < 22 ? value(hour) : 0));
    view.takePeople(1, { groups: [{ name: "Everybody", from: view.plan.first, step: 60, need: hours((hour) => 2 + (hour % 4)), there: hours(() => 4) }] });
  },
  near: (view) => {
    const { plan } = view;
    view.zoom(110);
    view.show(plan.now, 0.12);
    for (let op = 0; op < plan.count; op++) {
      plan.ready[op] = plan.start[op] - 100;
      plan.state[op] = op % 3 ? "planned" : "running";
      plan.done[op] = 80;
    }
    view.selected = new Set([3, 4, 5].flatMap((machine) => plan.rows[machine].slice(0, 3)));
  },
  chain: (view) => {
    const { plan } = view;
    const order = plan.orders.find((one) => one.ops.length > 5 && one.risk === 0 && plan.start[one.ops[0]] > plan.now + 200);
    view.zoom(12);
    view.choose(order.ops[1]);
    view.selected = new Set(order.ops.slice(2, 4));
    view.numbers = new Map([...order.ops].reverse().map((op, at) => [op, String(at + 1)]));
    view.cause = { op: order.ops[0], time: plan.start[order.ops[0]] - 60, text: "Veneer" };
    view.show(plan.start[order.ops[0]], 0.25);
    view.reveal(plan.machine[order.ops[2]]);
  },
  hand: (view) => {
    const { plan } = view;
    const machine = plan.rows.findIndex((row) => row.length > 14);
    const row = plan.rows[machine];
    view.show(plan.start[row[5]], 0.2);
    const moved = new Map(row.slice(5, 11).map((op) => [op, later(plan, op, 240)]));
    view.drag = { ops: [row[5]], machine, at: plan.start[row[5]] + 260, minutes: 120, x: 0, y: 200, legal: null, moved, late: new Set([row[8]]) };
    view.band = { x1: 700, y1: 400, x2: 900, y2: 520 };
  },
  compared: (view) => {
    const { plan } = view;
    view.colour = "family";
    view.theme(true);
    view.show(plan.now, 0.2);
    view.ghosts = new Map([0, 2, 3].flatMap((machine) => plan.rows[machine].slice(3, 6).map((op) => [op, { ...later(plan, op, -60), machine: machine + 1 }])));
  },
  week: (view) => view.zoom(5),
};

function grid(canvas) {
  const wide = Math.floor(canvas.width / SIDE);
  const tall = Math.floor(canvas.height / SIDE);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const sums = new Float64Array(wide * tall * 3);
  for (let y = 0; y < tall * SIDE; y++) {
    for (let x = 0; x < wide * SIDE; x++) {
      const to = 3 * (Math.floor(y / SIDE) * wide + Math.floor(x / SIDE));
      for (let colour = 0; colour < 3; colour++) sums[to + colour] += pixels[4 * (y * canvas.width + x) + colour];
    }
  }
  return { wide, tall, values: sums.map((sum) => sum / SIDE / SIDE) };
}

function drawn(name, without) {
  const view = new BoardView(document.getElementById("canvas"), planOf(structuredClone(data)), SAY);
  view.resize();
  SCENES[name](view);
  view.without = new Set(without);
  view.draw();
  return grid(view.canvas);
}

async function kept(name) {
  const image = new Image();
  image.src = `/scenes/${name}.png`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return { wide: image.width, tall: image.height, pixels: context.getImageData(0, 0, image.width, image.height).data };
}

// How many of the averages differ by more than `least` of 255.
async function differing(name, without, least) {
  const [is, was] = [drawn(name, without), await kept(name)];
  if (is.wide !== was.wide || is.tall !== was.tall) return Infinity;
  let found = 0;
  for (let at = 0; at < is.wide * is.tall; at++) {
    const far = [0, 1, 2].map((colour) => Math.abs(is.values[3 * at + colour] - was.pixels[4 * at + colour]));
    if (Math.max(...far) > least) found += 1;
  }
  return found;
}

async function picture(name) {
  const { wide, tall, values } = drawn(name, []);
  const canvas = new OffscreenCanvas(wide, tall);
  const pixels = Uint8ClampedArray.from({ length: 4 * wide * tall }, (_, at) => (at % 4 === 3 ? 255 : Math.round(values[3 * Math.floor(at / 4) + (at % 4)])));
  canvas.getContext("2d").putImageData(new ImageData(pixels, wide, tall), 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}

async function open(given) {
  data = given;
  for (const font of ["400", "500", "600"]) await document.fonts.load(`${font} 12px "Inter Variable"`);
  return { layers: LAYERS, scenes: Object.keys(SCENES) };
}

globalThis.scenes = { open, differing, picture };
