// What the board says: one and many, and money as the server writes it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { foot, lines, money } from "../../aps/static/aps/board/bubble.js";
import { several } from "../../aps/static/aps/board/say.js";

const SAY = { movesOne: "1 operation moves", movesMany: "%(count)s operations move", nobodyLate: "Nobody becomes late", setup: "Setup", cost: "Cost", machineTime: "Cost of machine time", ofItLateness: "of it lateness", becomesLate: "%(number)s becomes %(now)s late", andMore: "and %(count)s more" };
const effect = (more) => ({ late: [], better: [], setup_min: 0, cost: "0.00", late_cost: "0.00", currency: "EUR", moved: 1, ...more });
const hand = { held: { isLegal: true, machine: 0, at: 0 }, plan: { machines: [{ code: "SAW-1" }] } };

test("one is said as one", () => {
  assert.deepEqual([0, 1, 2, "1"].map((count) => several(SAY, "moves", count)), ["0 operations move", "1 operation moves", "2 operations move", "1 operation moves"]);
  assert.equal(several({ othersOne: "%(name)s has one", othersMany: "" }, "others", 1, { name: "Wei" }), "Wei has one");
  const told = (moved) => foot(hand, { effect: effect({ moved }) }, SAY, { when: () => "Mon" });
  assert.deepEqual([told(1), told(12)], ["SAW-1, Mon · 1 operation moves", "SAW-1, Mon · 12 operations move"]);
});

test("money beside the hand looks like money in the dialog that publishes", () => {
  assert.deepEqual([0, 12, -1234.5, 0.001, -0.001].map((amount) => money(amount, "EUR")), ["EUR 0.00", "EUR +12.00", "EUR −1,234.50", "EUR 0.00", "EUR 0.00"]);
  assert.deepEqual(lines(hand, { effect: effect({ cost: "20.00" }) }, SAY).at(-1), ["sum", "money", "Cost", "EUR +20.00"]);
});

test("of what a change costs it is said what lateness costs, or that only machine time is counted", () => {
  const costs = (more) => lines(hand, { effect: effect(more) }, SAY).slice(2);
  assert.deepEqual(costs({ cost: "96.00", late_cost: "84.00" }), [["sum", "money", "Cost", "EUR +96.00"], ["part", "", "of it lateness", "EUR +84.00"]]);
  assert.deepEqual(costs({ cost: "12.00", late_cost: "0.00" }), [["sum", "money", "Cost", "EUR +12.00"]]);
  assert.deepEqual(costs({ cost: "12.00", late_cost: null }), [["sum", "money", "Cost of machine time", "EUR +12.00"]]);
  assert.deepEqual(costs({ cost: null, late_cost: null }), []);
});

test("three who become late are named, of four two and a number", () => {
  const late = ["A", "B", "C", "D"].map((number) => ({ number, was: 0, now: 30 }));
  const told = (count) => lines(hand, { effect: effect({ late: late.slice(0, count) }) }, SAY).filter(([tone]) => tone.startsWith("late")).map(([, , words]) => words.replace(/ becomes.*/, ""));
  assert.deepEqual([told(3), told(4)], [["A", "B", "C"], ["A", "B", "and 2 more"]]);
});
