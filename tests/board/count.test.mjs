// The words of a report.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clean, outcome, typed } from "../../mes/static/mes/count.js";

const WORDS = ["%(good)s good, %(scrap)s scrap", "Then %(made)s of %(all)s good, %(left)s to go", "Only %(left)s here", "Why scrap?"];
const sheet = { before: { good: 10, scrap: 0 }, all: 24, remaining: 14, hasReason: true };

test("the outcome is said before it is booked", () => {
  const is = outcome({ ...sheet, good: 4, scrap: 1 }, WORDS);
  assert.deepEqual([is.first, is.then, is.wrong], ["4 good, 1 scrap", "Then 14 of 24 good, 9 to go", false]);
});

test("scrap asks for its reason, too much says what remains", () => {
  assert.equal(outcome({ ...sheet, hasReason: false, good: 4, scrap: 1 }, WORDS).then, "Why scrap?");
  const much = outcome({ ...sheet, good: 15, scrap: 0 }, WORDS);
  assert.deepEqual([much.first, much.wrong], ["Only 14 here", true]);
});

test("keys write digits, C clears, back takes one away", () => {
  assert.equal(typed("1", "4"), "14");
  assert.equal(typed("0", "4"), "4");
  assert.equal(typed("14", "back"), "1");
  assert.equal(typed("14", "C"), "");
  assert.deepEqual(["", "2,5", "-3", "x"].map(clean), [0, 2.5, 0, 0]);
});
