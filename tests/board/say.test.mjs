// What the board says: one and many, and money as the server writes it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { foot, lines, money, where } from "../../aps/static/aps/board/bubble.js";
import { promise } from "../../aps/static/aps/board/card.js";
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

test("beside the hand stands where work would begin when it cannot begin where it is held", () => {
  const zone = { when: (/** @type {number} */ at) => `at ${at}` };
  const say = { ...SAY, exactly: "pinned there", beginsInstead: "%(machine)s: begins %(when)s, not %(at)s", noAnswer: "No answer" };
  const held = (more, lies) => ({ held: { isLegal: true, machine: 0, at: 565, isPin: false, ...more }, plan: hand.plan, lies });
  assert.equal(where(held({}, null), say, zone), "SAW-1, at 565");
  assert.equal(where(held({}, { start: 550, run: 565 }), say, zone), "SAW-1, at 565");
  assert.equal(where(held({ isPin: true }, { start: 565, run: 565 }), say, zone), "SAW-1, at 565 · pinned there");
  assert.equal(where(held({ isPin: true }, { start: 769, run: 779 }), say, zone), "SAW-1: begins at 769, not at 565");
  assert.deepEqual(lines({ ...held({}, null), isCut: true }, null, say), [["wait", "", "No answer", ""]]);
});

test("a promise is told with when it has to be ready, which transport lies behind", () => {
  const zone = { when: (/** @type {number} */ at) => `day ${at / 1440}` };
  const say = { promised: "Promised", promisedReady: "Promised %(promised)s, ready by %(due)s", readyBy: "Ready by %(due)s" };
  assert.equal(promise(1440, 2880, say, zone), "Promised day 2, ready by day 1");
  assert.equal(promise(1440, 1440, say, zone), "Promised day 1");
  assert.equal(promise(1440, null, say, zone), "Ready by day 1");
  assert.equal(promise(null, null, say, zone), "");
});
