// What waiting events do to what is shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, objection, remaining } from "../../mes/static/mes/app/fold.js";
import { correctionOf } from "../../mes/static/mes/app/queue.js";

const job = (id, more = {}) => ({ id, state: "planned", quantity: "10", input: "10", good: "0", scrap: "0", rework: "0", unbooked_sec: 0, resumed: null, started: null, parts: [], steps: [], ...more });
const snapshot = (...jobs) => ({ machine: { id: 3, code: "SAW-1", state: "idle", since: null }, jobs, good_today: "0", notes: [], people: [{ id: 5, name: "Li Wei" }], reasons: { downtime: [{ id: 8, name: "Mechanical fault" }] } });
const at = (minute) => new Date(Date.UTC(2026, 10, 23, 9, minute)).toISOString();
let seq = 0;
const tap = (kind, minute, more = {}) => ({ seq: ++seq, id: `e${seq}`, kind, at: at(minute), machine: 3, operator: 5, operation: 1, ...more });

test("a shift without a connection: started, reported, paused, gone on, finished", () => {
  const start = snapshot(job(1), job(2));
  const events = [tap("start", 0), tap("report", 20, { good: "4", scrap: "1" }), tap("pause", 30)];
  let shown = fold(start, events);
  assert.deepEqual([shown.jobs[0].state, shown.jobs[0].good, remaining(shown.jobs[0])], ["paused", "4", 5]);
  assert.equal(shown.jobs[0].unbooked_sec, 600);
  assert.equal(shown.machine.state, "stopped");
  shown = fold(start, [...events, tap("resume", 40), tap("report", 60, { good: "5" })]);
  assert.deepEqual(shown.jobs.map((one) => one.id), [2]);
  assert.equal(shown.good_today, "9");
  assert.equal(start.jobs[0].state, "planned");
});

test("taken back before it was sent both fall away; after it was sent the effect is reversed", () => {
  const report = tap("report", 10, { good: "4", scrap: "1" });
  const running = snapshot(job(1, { state: "running", resumed: at(0) }));
  const undo = { ...tap("correction", 11), ...correctionOf(report) };
  assert.deepEqual(fold(running, [report, undo]).jobs[0].good, "0");
  const sent = snapshot(job(1, { state: "running", resumed: at(0), good: "4", scrap: "1" }));
  assert.deepEqual([fold(sent, [undo]).jobs[0].good, fold(sent, [undo]).jobs[0].scrap], ["0", "0"]);
});

test("a machine that is down pauses its job; another machine's events do nothing here", () => {
  const running = snapshot(job(1, { state: "running", resumed: at(0) }));
  const shown = fold(running, [tap("machine_down", 5, { reason: 8, operation: undefined })]);
  assert.deepEqual([shown.machine.state, shown.machine.down_reason, shown.jobs[0].state], ["fault", "Mechanical fault", "paused"]);
  assert.equal(objection(shown, "resume", shown.jobs[0]), "down");
  assert.equal(fold(running, [tap("pause", 5, { machine: 4 })]).jobs[0].state, "running");
});

test("what runs stands first, the rest in the plan's order; two at once are objected to", () => {
  const shown = fold(snapshot(job(1), job(2), job(3)), [tap("start", 0, { operation: 3 })]);
  assert.deepEqual(shown.jobs.map((one) => one.id), [3, 1, 2]);
  assert.equal(objection(shown, "start", shown.jobs[1]), "busy");
});

test("an event of a kind that this app does not know changes nothing and breaks nothing", () => {
  assert.equal(fold(snapshot(job(1)), [tap("levitate", 0)]).jobs[0].state, "planned");
});

test("what the snapshot knows already is not counted twice, and its undo takes it back", () => {
  const report = tap("report", 10, { good: "1" });
  const told = { ...snapshot(job(1, { state: "running", resumed: at(10), quantity: "2", input: "2", good: "1" })), good_today: "1", known: [report.id] };
  const shown = fold(told, [report]);
  assert.deepEqual([shown.jobs[0].good, shown.good_today, remaining(shown.jobs[0])], ["1", "1", 1]);
  const undo = { ...tap("correction", 11), ...correctionOf(report) };
  assert.equal(fold(told, [report, undo]).jobs[0].good, "0");
});

test("a breakdown that was a slip is taken back: the machine stands no more, its job stays paused", () => {
  const down = tap("machine_down", 5, { reason: 8 });
  const told = { ...snapshot(job(1, { state: "paused" })), machine: { id: 3, code: "SAW-1", state: "fault", since: at(5) }, known: [down.id] };
  const shown = fold(told, [down, { ...tap("correction", 6), ...correctionOf(down) }]);
  assert.deepEqual([shown.machine.state, shown.jobs[0].state], ["stopped", "paused"]);
});

test("a job that is set up: its clock runs from the setup on, the machine is in setup until START", () => {
  const start = snapshot(job(1, { setup: 10 }), job(2));
  let shown = fold(start, [tap("setup", 0)]);
  assert.deepEqual([shown.jobs[0].state, shown.machine.state], ["setup", "setup"]);
  assert.equal(objection(shown, "start", shown.jobs[0]), "");
  assert.equal(objection(shown, "start", shown.jobs[1]), "busy");
  shown = fold(start, [tap("setup", 0), tap("start", 10), tap("pause", 25)]);
  assert.deepEqual([shown.jobs[0].state, shown.jobs[0].unbooked_sec], ["paused", 25 * 60]);
});

test("more than can be reported counts for nothing until the shift lead says so, and ends nothing", () => {
  const running = snapshot(job(1, { state: "running", resumed: at(0), input: "4", good: "1" }));
  for (const kind of ["report", "finish"]) {
    const shown = fold(running, [tap(kind, 10, { good: "4" })]);
    assert.deepEqual([shown.jobs[0].state, shown.jobs[0].good, shown.good_today], ["running", "1", "0"]);
  }
  assert.equal(fold(running, [tap("report", 10, { good: "3" })]).jobs[0].good, "4");
});
