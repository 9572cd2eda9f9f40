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

test("pieces to rework are said, and are not to go", () => {
  const words = [...WORDS, "%(good)s good, %(scrap)s scrap, %(rework)s to rework"];
  const is = outcome({ ...sheet, before: { good: 10, scrap: 0, rework: 1 }, remaining: 13, good: 4, scrap: 1, rework: 2 }, words);
  assert.deepEqual([is.first, is.then], ["4 good, 1 scrap, 2 to rework", "Then 14 of 24 good, 6 to go"]);
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
