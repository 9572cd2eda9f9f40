// The queue: what is sent, and what each answer does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { afterAnswers, badge, correctionOf, mayLeave, nextBatch, toWire } from "../../mes/static/mes/app/queue.js";

const AT = "2026-11-23T02:42:00.000Z";
const event = (seq, more = {}) => ({ seq, id: `id-${seq}`, kind: "report", at: AT, operation: 7, machine: 3, operator: 5, good: "4", live: true, ...more });

test("batches go in sequence, a hundred at a time, and say only what the server is told", () => {
  const waiting = Array.from({ length: 250 }, (_, place) => event(250 - place));
  const batch = nextBatch(waiting, 100, Date.parse(AT) + 60000);
  assert.deepEqual([batch.length, batch[0].seq, batch.at(-1).seq], [100, 1, 100]);
  const told = toWire(event(1, { undoes: { kind: "report" }, label: "x", scrap: "", reason: null }), Date.parse(AT) + 20000);
  assert.deepEqual(told, { id: "id-1", seq: 1, kind: "report", at: AT, operation: 7, machine: 3, operator: 5, good: "4" });
});

test("a live tap goes alone, after what waits before it", () => {
  const now = Date.parse(AT) + 300;
  const waiting = [event(1, { live: false }), event(2, { live: false }), event(3), event(4)];
  assert.deepEqual(nextBatch(waiting, 100, now).map((one) => one.seq), [1, 2]);
  assert.deepEqual(nextBatch(waiting.slice(2), 100, now).map((one) => one.seq), [3]);
});

test("only the first try of a fresh tap is a live one", () => {
  const now = Date.parse(AT);
  assert.equal(toWire(event(1), now + 300).is_online, true);
  assert.equal(toWire(event(1, { tries: 1 }), now + 300).is_online, undefined);
  assert.equal(toWire(event(1), now + 11000).is_online, undefined);
  assert.equal(toWire(event(1, { live: false }), now + 300).is_online, undefined);
});

test("what was answered leaves, what was not stays; refusals become messages with their sentence", () => {
  const answers = [
    { id: "id-1", status: "applied" },
    { id: "id-2", status: "replay" },
    { id: "id-3", status: "quarantined", code: "over_report", sentence: "Only 10 pc are open." },
    { id: "id-4", status: "rejected", code: "over_report", sentence: "Only 10 pc are open." },
    { id: "id-9", status: "applied" },
  ];
  const after = afterAnswers([1, 2, 3, 4, 5, 6].map((seq) => event(seq)), answers, "now");
  assert.deepEqual(after.gone, [1, 2, 3, 4]);
  assert.deepEqual(after.sent.map((one) => one.seq), [1, 2]);
  assert.deepEqual(after.messages.map((one) => [one.id, one.status, one.sentence, one.is_read]), [
    ["id-3", "quarantined", "Only 10 pc are open.", false],
    ["id-4", "rejected", "Only 10 pc are open.", false],
  ]);
});

test("an answer that nobody knows leaves the event where it is", () => {
  assert.deepEqual(afterAnswers([event(1)], [{ id: "id-1", status: "later" }], "now").gone, []);
});

test("the badge is one of its states, and nobody leaves while something waits", () => {
  assert.deepEqual(badge({ waiting: 0, sentAt: AT }), { state: "sent", count: 0, at: AT });
  assert.equal(badge({ waiting: 3, trouble: "offline" }).state, "waiting");
  assert.deepEqual(badge({ waiting: 3, sending: 2 }), { state: "sending", count: 3, done: 2 });
  assert.equal(badge({ waiting: 3, trouble: "login" }).state, "login");
  assert.equal(mayLeave([event(1)]), false);
  assert.equal(mayLeave([event(1)], 6), true);
  assert.equal(mayLeave([event(1)], 5), false);
});

test("taking back is an event that names the other", () => {
  const taken = correctionOf(event(1));
  assert.deepEqual([taken.kind, taken.payload, taken.undoes.good], ["correction", { corrects: "id-1" }, "4"]);
});
