// A week on paper: the week in view and the machines that one means, by words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { machinesMeant, mainWeek, sheets, weeksIn } from "../../aps/static/aps/board/print.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { Zone } from "../../aps/static/aps/board/zone.js";
import { sample } from "./sample.mjs";

test("the week in view is the one that takes most of it, counted as ISO 8601 does", () => {
  // Friday 1 January 2027 at noon to Tuesday noon: 60 hours of week 53 of 2026, which began on Monday 28 December, and 36 of week 1.
  const zone = new Zone("2027-01-01T00:00:00+00:00", "UTC");
  const weeks = weeksIn(zone, 720, 720 + 4 * 1440);
  assert.deepEqual(weeks, [{ name: "2026-W53", from: -4 * 1440, minutes: 3600 }, { name: "2027-W01", from: 3 * 1440, minutes: 2160 }]);
  assert.equal(mainWeek(weeks).name, "2026-W53");
});

test("weeks begin at the plant's own midnight, also when the clocks change", () => {
  // Warsaw's clocks go forward on Sunday 29 March 2026: from Saturday noon to Monday noon are 35 hours of week 13 and 12 of week 14.
  const zone = new Zone("2026-03-28T00:00:00+00:00", "Europe/Warsaw");
  const weeks = weeksIn(zone, 660, 660 + 47 * 60);
  assert.deepEqual(weeks.map(({ name, minutes }) => [name, minutes]), [["2026-W13", 35 * 60], ["2026-W14", 12 * 60]]);
});

test("machines are those in view, of what is chosen, or of a work centre", () => {
  const view = new Sight(sample(), {});
  // Two rows of 56 pixels; only the first work centre's fit.
  Object.assign(view, { bottom: 74 + 50, top: 0 });
  assert.deepEqual(machinesMeant(view, "seen"), [1]);
  view.bottom = 400;
  assert.deepEqual(machinesMeant(view, "seen"), [1, 2]);
  assert.deepEqual(machinesMeant(view, "chosen"), []);
  view.selected = new Set([2]);
  assert.deepEqual(machinesMeant(view, "chosen"), [2]);
  view.selected = null;
  view.choose(0);
  assert.deepEqual(machinesMeant(view, "chosen"), [1, 2], "the whole order's");
  assert.deepEqual(machinesMeant(view, "centre-20"), [2]);
  assert.deepEqual(machinesMeant(view, ""), []);
  view.fold(20);
  assert.deepEqual(machinesMeant(view, "seen"), [1, 2], "a folded work centre stands for its machines");
});

test("the address names week and machines", () => {
  assert.equal(sheets("/print/", "2026-W49", [12, 3]), "/print/?week=2026-W49&machine=12&machine=3");
  assert.equal(sheets("/print/", "2026-W49", []), "/print/?week=2026-W49");
});
