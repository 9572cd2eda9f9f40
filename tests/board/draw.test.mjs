// What is decided before anything is drawn: detail, style, load, promises, what the hand tries, what one looks at.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEFT, MINI, TOP } from "../../aps/static/aps/board/layout.js";
import { Loads, buckets, latestStart, shifts, shiftsOf } from "../../aps/static/aps/board/load.js";
import { levelOf } from "../../aps/static/aps/board/lod.js";
import { FAMILY_COLOURS, darkened, palette } from "../../aps/static/aps/board/palette.js";
import { RISK, read } from "../../aps/static/aps/board/plan.js";
import { counted, flags, promisesOf } from "../../aps/static/aps/board/promises.js";
import { Scale } from "../../aps/static/aps/board/scale.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { FAMILIES, hueOf, legendOf, styler } from "../../aps/static/aps/board/style.js";
import { tried } from "../../aps/static/aps/board/trial.js";
import { sample } from "./sample.mjs";

const looks = (changes = {}) => ({ mode: "late", chosen: null, dimmed: null, ghosts: null, pins: null, drag: null, ...changes });
const styles = (plan, changes) => [0, 1, 2].map(styler(plan, looks(changes)));

test("detail follows the zoom as the table says", () => {
  assert.deepEqual([220, 60, 59, 20, 19, 8, 7.9, 3.4, 3.3].map((perHour) => levelOf(perHour).axis), ["hours", "hours", "shifts", "shifts", "quarters", "quarters", "days", "days", "days"]);
  assert.deepEqual([96, 30, 12, 5, 3].map((perHour) => levelOf(perHour).bucket), [60, 60, 120, 480, 1440]);
  assert.deepEqual([96, 30, 12, 5].map((perHour) => levelOf(perHour).material), ["line", "mark", "", ""]);
  assert.deepEqual([8, 7.9].map((perHour) => levelOf(perHour).hasWords), [true, false]);
});

test("colour says lateness, and what is not chosen steps back", () => {
  const plan = read(sample());
  assert.deepEqual(styles(plan), ["risk", "calm", "risk"]);
  assert.deepEqual(styles(plan, { chosen: new Set([1]) }), ["dimRisk", "chosen", "dimRisk"]);
  assert.deepEqual(styles(plan, { dimmed: Uint8Array.of(1, 0, 0) }), ["dimRisk", "calm", "risk"]);
  assert.deepEqual(styles(plan, { ghosts: new Map([[2, {}]]) }), ["dimRisk", "dim", "risk"]);
  const data = sample();
  data.operations.late = [30, 0, 30];
  assert.deepEqual(styles(read(data)), ["late", "calm", "late"]);
});

test("work in the hand is a slot, what it makes late is late", () => {
  const plan = read(sample());
  assert.deepEqual(styles(plan, { drag: { ops: [1], late: new Set([2]) } }), ["risk", "slot", "late"]);
});

test("by state running is blue, pinned and frozen are held", () => {
  const plan = { ...read(sample()), pinned: [false, true, false], frozen: [false, false, true] };
  assert.deepEqual(styles(plan, { mode: "state" }), ["running", "held", "held"]);
  assert.deepEqual(styles({ ...plan, pinned: undefined, frozen: undefined }, { mode: "state", pins: new Set([2]) }), ["running", "calm", "held"]);
});

test("an order keeps its colour whatever else is planned; families are told apart, and the legend names them", () => {
  const plan = { ...read(sample()), family: ["oak", "", "ash"] };
  assert.deepEqual(styles(plan, { mode: "family" }), ["family1", "family", "family0"]);
  assert.deepEqual(styles(plan, { mode: "order" }), [`order${hueOf("SO-2026-0007")}`, "calm", `order${hueOf("SO-2026-0007")}`]);
  assert.deepEqual(legendOf(plan, "family"), [{ style: "family0", name: "ash" }, { style: "family1", name: "oak" }]);
  assert.deepEqual(legendOf(plan, "late").map((one) => one.key), ["inTime", "atRisk", "isLate"]);
});

test("as many families as there are colours for have one each; the next begins again", () => {
  const family = Array.from({ length: FAMILIES + 1 }, (_, at) => `decor ${String(at).padStart(2, "0")}`);
  const found = legendOf({ ...read(sample()), family }, "family").map((one) => one.style);
  assert.equal(new Set(found).size, FAMILIES);
  assert.equal(found[FAMILIES], found[0]);
  for (const isDark of [false, true]) assert.equal(new Set(found.map((style) => palette(isDark).bars[style][0])).size, FAMILIES);
});

test("no two families look alike, in light and dark", () => {
  // Distance in OKLab, lightness at 0.7; 0.02 is about what an eye tells apart side by side.
  const lab = ([light, chroma, hue]) => [0.007 * light, chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  for (const tone of [(one) => one, darkened]) {
    const points = FAMILY_COLOURS.map((one) => lab(tone(one)));
    const near = points.flatMap((one, at) => points.slice(0, at).map((other) => Math.hypot(...one.map((value, axis) => value - other[axis]))));
    assert.ok(Math.min(...near) > 0.045, String(Math.min(...near)));
  }
});

test("load of a work centre: run and setup apart, a machine that stands has less to give", () => {
  // The saw's first shift is 360 to 840, closed by a stop from 420 to 480: 420 minutes. Setup 360 to 390, run 390 to 420
  // and 480 to 600, then 780 to 840.
  const plan = read(sample());
  const loads = new Loads(plan);
  const sums = loads.group(10, [0]);
  assert.equal(loads.within(sums.open, 0, 1440), 420);
  assert.equal(loads.within(sums.setup, 0, 1440), 30);
  assert.equal(loads.within(sums.run, 0, 1440), 30 + 120 + 60);
  assert.equal(loads.share(sums, 0, 1440), 240 / 420);
  assert.equal(loads.within(sums.run, 480, 510), 30);
  assert.equal(loads.share(sums, 900, 1500), null);
});

test("work that runs outside its shift takes nothing of what is open", () => {
  // Begun at 300 and running; the shift opens at 360: 240 minutes less the stop of an hour, as in the test above.
  const data = sample();
  data.operations.start[0] = 300;
  data.now = 350;
  const loads = new Loads(read(data));
  assert.equal(loads.within(loads.machine(0).setup, 0, 360), 0);
  assert.equal(loads.share(loads.machine(0), 0, 360), null);
});

test("sums of machines on which nothing moved are taken over", () => {
  const plan = read(sample());
  const before = new Loads(plan);
  const both = before.group("both", [0, 1]);
  const after = new Loads(tried(plan, new Map([[2, { machine: 1, start: 1800, run: 1800, end: 1900 }]])), before);
  assert.equal(after.machine(0), before.machine(0));
  assert.notEqual(after.machine(1), before.machine(1));
  assert.equal(after.within(after.machine(1).run, 1800, 1920), 100);
  assert.notEqual(after.group("both", [0, 1]), both);
  assert.equal(new Loads(plan, before).group("both", [0, 1]), both);
});

test("what the promises need is counted back from them through the shifts", () => {
  // Due at 2000 on Pack: its 120 minutes (780 to 840 and 1800 to 1860 are the saw's; Pack works 1800 to 1920) would be
  // done from 1880; the saw's 150 minutes must end by then and start at 1800 - (150 - 80) before the night.
  const plan = read(sample());
  assert.equal(latestStart(plan.machines[1].windows, 2000, 120), 1880);
  assert.equal(latestStart(plan.machines[0].windows, 1880, 150), 840 - 70);
  const need = new Loads(plan).need(20);
  assert.equal(need[need.length - 1], 120);
});

test("buckets follow the shifts; breaks do not part them", () => {
  const windows = [[360, 600], [630, 840], [840, 1320], [1800, 2040]];
  assert.deepEqual(shifts(windows, 0, 2000), [[360, 840], [840, 1320], [1800, 2040]]);
  // Two shifts whose breaks do not show where one ends, and a machine that never closes.
  assert.deepEqual(shifts([[360, 570], [585, 1080], [1110, 1320]], 0, 2000), [[360, 840], [840, 1320]]);
  assert.deepEqual(shifts([[0, 1440], [1440, 2880]], 500, 1400), [[480, 960], [960, 1440]]);
  assert.deepEqual(buckets(480, [0, 1440], { windows }, 500, 900), [[360, 840], [840, 1320]]);
  assert.deepEqual(buckets(1440, [-1440, 0, 1440, 2880], undefined, 10, 1500), [[0, 1440], [1440, 2880]]);
  assert.deepEqual(buckets(60, [0, 1440], undefined, 100, 170), [[60, 120], [120, 180]]);
});

test("shifts are those of the calendar where it names them", () => {
  const of = { windows: [[360, 840]], shifts: [[360, 840, "Early"], [840, 1320, "Late"], [1800, 2280, "Early"]] };
  assert.deepEqual(shiftsOf(of, 840, 1900), [[840, 1320, "Late"], [1800, 2280, "Early"]]);
  assert.deepEqual(shiftsOf({ windows: of.windows }, 0, 1000), [[360, 840, ""]]);
  assert.deepEqual(buckets(480, [0, 1440], of, 0, 900), [[360, 840], [840, 1320]]);
});

test("promises near each other are one flag of the hottest colour", () => {
  const scale = new Scale(0, 60, 240, 1240);
  const all = [{ time: 100, order: 1, risk: RISK.none }, { time: 104, order: 2, risk: RISK.late }, { time: 200, order: 3, risk: RISK.tight }];
  assert.deepEqual(flags(all, scale, 0, 1000).map(({ risk, orders, hot }) => [risk, orders, hot]), [[2, [1, 2], [2]], [1, [3], [3]]]);
  assert.deepEqual(flags(all, scale, 150, 1000).length, 1);
  assert.deepEqual(counted([...all, { time: 300, order: 2, risk: RISK.none }]), { late: 1, tight: 1 });
  assert.deepEqual(promisesOf(read(sample())), [{ time: 2000, order: 0, risk: RISK.tight }]);
});

test("what the hand tries lies elsewhere, the plan itself stays", () => {
  const plan = read(sample());
  const there = tried(plan, new Map([[1, { machine: 1, start: 400, run: 400, end: 500 }]]));
  assert.deepEqual([there.rows[0], there.rows[1]], [[0], [1, 2]]);
  assert.deepEqual([there.start[1], there.machine[1], plan.start[1], plan.rows[0]], [400, 1, 780, [0, 1]]);
  assert.equal(tried(plan, new Map()), plan);
});

test("a point of the canvas is a lane, the lane of promises or the mini-map", () => {
  const sight = new Sight(read(sample()), { down: "Down" });
  Object.assign(sight, { width: 1240, height: 400, bottom: 400 - MINI });
  sight.scale.width = 1240;
  sight.show(360, 0);
  assert.equal(sight.placeAt(TOP + 5).kind, "centre");
  assert.equal(sight.placeAt(400 - MINI + 5), undefined);
  assert.equal(sight.hit(sight.scale.x(500), TOP + 40), 0);
  assert.equal(sight.miniAt(LEFT + 8, 400 - MINI + 5), sight.plan.first);
  assert.equal(sight.miniAt(LEFT + 8, 100), null);
  sight.flags = flags(sight.promises, sight.scale, 0, 9999);
  assert.equal(sight.flagAt(sight.scale.x(2000) + 3, TOP - 10), 0);
  assert.equal(sight.flagAt(sight.scale.x(2000) + 3, TOP + 10), null);
});

test("until the engine has answered the hand may go to its whole work centre", () => {
  const sight = new Sight(read(sample()), {});
  sight.drag = { ops: [1], legal: null };
  assert.deepEqual([0, 1].map((machine) => sight.isLegal(machine)), [true, false]);
  sight.drag = { ops: [1], legal: new Set([1]) };
  assert.deepEqual([0, 1].map((machine) => sight.isLegal(machine)), [false, true]);
});

test("a bar's place on the canvas, and nothing where its row is folded", () => {
  const sight = new Sight(read(sample()), {});
  Object.assign(sight, { width: 1240, height: 400, bottom: 334 });
  sight.scale.width = 1240;
  sight.show(0, 0);
  // 30 pixels an hour: 360 minutes are 180 px right of the left column; the saw's row begins 32 px under the axis.
  assert.deepEqual(sight.box(0, 360, 600), { x: LEFT + 180, y: TOP + 32 + 3, w: 119, h: 18 });
  sight.fold(10);
  assert.equal(sight.box(0, 360, 600), null);
});
