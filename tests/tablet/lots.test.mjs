// Which part a scanned lot is of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { partOf } from "../../mes/static/mes/app/lots.js";

const job = { parts: [{ material: 1, name: "Board" }, { material: 2, name: "Edge" }] };
const lots = { 1: ["L-1"], 2: ["E-7", "E-8"] };

test("a lot goes to its own part, however it is written, not to the first that has none", () => {
  const found = partOf(job, lots, "e-8");
  assert.deepEqual([found.part.name, found.lot, found.isUnknown], ["Edge", "E-8", false]);
});

test("what lies nowhere is unknown; where not all is known it is of a part that may have it", () => {
  assert.equal(partOf(job, lots, "NO-SUCH-LOT").isUnknown, true);
  const found = partOf(job, { ...lots, 2: null }, "E-900");
  assert.deepEqual([found.part.name, found.isUnknown], ["Edge", false]);
  assert.deepEqual([partOf(job, undefined, "L-9", [{ material: 1 }]).part.name], ["Edge"]);
  assert.equal(partOf({ parts: [] }, lots, "L-1").part, null);
});
