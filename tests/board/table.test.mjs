// Which operations the table shows, and what it says when that is not all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listed } from "../../aps/static/aps/board/table.js";

const looking = (count, dimmed = null) => ({ inView: () => Array.from({ length: count }, (_, op) => op), dimmed, say: { tableCut: "The first %(shown)s of %(count)s" } });

test("the table shows four hundred operations and says of how many they are the first", () => {
  assert.deepEqual([listed(looking(400)).ops.length, listed(looking(400)).note], [400, ""]);
  assert.deepEqual([listed(looking(401)).ops.length, listed(looking(401)).note], [400, "The first 400 of 401"]);
});

test("what the filter dims is not counted", () => {
  assert.deepEqual(listed(looking(402, { 3: 1, 4: 1 })), { ops: Array.from({ length: 402 }, (_, op) => op).filter((op) => op !== 3 && op !== 4), note: "" });
});
