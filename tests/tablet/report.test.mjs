// What a report says before it is saved.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportModel } from "../../mes/static/mes/app/models.js";
import { empty } from "../../mes/static/mes/app/pads.js";

const WORDS = ["%(good)s good, %(scrap)s scrap", "Then %(made)s of %(all)s good", "Only %(left)s can be reported here", "Why scrap?", ""];
const job = { id: 1, state: "running", quantity: "10", input: "4", good: "0", scrap: "0", rework: "0", parts: [], starts: "2026-11-23T09:00:00Z", ends: "2026-11-23T10:00:00Z", order: "SO-1" };
const context = { shown: { machine: { state: "producing" }, may: { work: true, report: true }, reasons: { scrap: [{ id: 5, name: "Edge chipped" }] } }, now: new Date("2026-11-23T09:30:00Z"), zone: "UTC" };
const said = (entry, one = job, isCut = false) => reportModel(one, { ...empty(), ...entry }, context, WORDS, isCut);

test("what an order loses is made again, what is for stock is not; without a reason nothing is promised", () => {
  const chipped = { good: "2", scrap: "1", reasons: { 5: 1 } };
  assert.deepEqual([said(chipped).isMadeAgain, said(chipped).isOff], [true, false]);
  assert.equal(said(chipped, { ...job, order: "" }).isMadeAgain, false);
  assert.deepEqual([said({ scrap: "1" }).isMadeAgain, said({ scrap: "1" }).isOff], [false, true]);
});

test("where nothing can be reported nothing is saved; without a network it is kept for the shift lead", () => {
  const none = { ...job, input: "0" };
  assert.deepEqual([said({ good: "1" }, none).isOff, said({ good: "1" }, none).isKept], [true, false]);
  assert.deepEqual([said({ good: "1" }, none, true).isOff, said({ good: "1" }, none, true).isKept], [false, true]);
});
