// What a scanned code names on the list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { jobNamed } from "../../mes/static/mes/app/codes.js";

const JOBS = [
  { id: 1, no: "WO-1", sequence: 10, order: "SO-9" },
  { id: 2, no: "WO-1", sequence: 30, order: "SO-9" },
  { id: 3, no: "WO-2", sequence: 10, order: "" },
];

test("an operation is named by number and sequence, an order by its first job here", () => {
  assert.equal(jobNamed(JOBS, "WO-1/30").id, 2);
  assert.equal(jobNamed(JOBS, "wo-1").id, 1);
  assert.equal(jobNamed(JOBS, "SO-9").id, 1);
  assert.equal(jobNamed(JOBS, "WO-2").id, 3);
});

test("an operation that is not on the list names nothing, and nothing is not the stock's job", () => {
  assert.equal(jobNamed(JOBS, "WO-2/30"), null);
  assert.equal(jobNamed(JOBS, "WO-7"), null);
  assert.equal(jobNamed(JOBS, ""), null);
});
