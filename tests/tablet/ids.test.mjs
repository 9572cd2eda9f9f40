// Ids and times of the tablet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hours, isSameDay, lasting, minutesBetween, serverNow, soon } from "../../mes/static/mes/app/clock.js";
import { uuid7 } from "../../mes/static/mes/app/uuid7.js";

test("an id says its version, its variant and its time, and sorts by it", () => {
  const fill = (bytes) => bytes.fill(0xff);
  const id = uuid7(0x0197_ffee_1234, fill);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(id.replaceAll("-", "").slice(0, 12), "0197ffee1234");
  assert.ok(uuid7(1000) < uuid7(2000));
  assert.equal(new Set(Array.from({ length: 10000 }, () => uuid7(5))).size, 10000);
});

test("times are the plant's, whatever the tablet's own zone and clock", () => {
  assert.equal(hours("2026-11-23T02:42:00Z", "Asia/Shanghai"), "10:42");
  assert.equal(hours("2026-11-23T16:05:00Z", "Asia/Shanghai"), "00:05");
  assert.ok(!isSameDay("2026-11-23T15:00:00Z", "2026-11-23T16:05:00Z", "Asia/Shanghai"));
  const now = "2026-11-23T02:42:00Z";
  assert.equal(soon("2026-11-23T03:31:00Z", now, "Asia/Shanghai"), "11:31");
  assert.equal(soon("2026-11-23T23:00:00Z", now, "Asia/Shanghai"), "Tue 07:00");
  assert.equal(soon("2026-12-01T23:00:00Z", now, "Asia/Shanghai"), "Wed 2 Dec, 07:00");
  assert.equal(serverNow(-7 * 60000, Date.parse("2026-11-23T02:49:00Z")).toISOString(), "2026-11-23T02:42:00.000Z");
  assert.deepEqual([lasting(70), lasting(125)], ["70 min", "2 h 05"]);
  assert.equal(minutesBetween("2026-11-23T02:44:00Z", "2026-11-23T02:48:59Z"), 4);
});
