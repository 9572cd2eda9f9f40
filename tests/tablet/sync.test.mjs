// Sending: answers that get lost, servers that are down, two senders, an answer that is a refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { webcrypto } from "node:crypto";
import { byBadge, comes, goes, isIdle, mustProve, nobody, pinIsRight } from "../../mes/static/mes/app/people.js";
import { NeedsLogin, Refused, Revoked, Sync } from "../../mes/static/mes/app/sync.js";

// The store's face, in memory.
class Memory {
  constructor(events) { Object.assign(this, { queue: new Map(events.map((one) => [one.seq, one])), sent: [], messages: [], meta: new Map(), photos: new Map() }); }
  async some(most) { return [...this.queue.values()].sort((one, other) => one.seq - other.seq).slice(0, most); }
  async count() { return this.queue.size; }
  async tried(events) { for (const one of events) this.queue.set(one.seq, { ...one, tries: (one.tries ?? 0) + 1 }); }
  async photo(id) { return this.photos.get(id); }
  async remove(_name, id) { this.photos.delete(id); }
  async setMeta(key, value) { this.meta.set(key, value); }
  async answered({ gone, sent, messages }) { gone.forEach((seq) => this.queue.delete(seq)); this.sent.push(...sent); this.messages.push(...messages); }
}

// A server that keeps what it has done, by id.
function server() {
  const done = new Map();
  const post = async ({ events }) => ({ now: "2026-11-23T02:42:00Z", offset_ms: -420000, answers: events.map((one) => {
    const status = done.has(one.id) ? "replay" : "applied";
    done.set(one.id, (done.get(one.id) ?? 0) + (status === "applied" ? 1 : 0));
    return { id: one.id, status };
  }) });
  return { done, post };
}

const taps = (number) => Array.from({ length: number }, (_, place) => ({ seq: place + 1, id: `e${place + 1}`, kind: "note", at: new Date().toISOString() }));
const sync = (store, post, more = {}) => new Sync({ store, post, upload: async () => {}, locks: null, ...more });

test("five hundred go in five posts, each once, and the clock is learnt", async () => {
  const store = new Memory(taps(500));
  const { done, post } = server();
  let posts = 0;
  const sender = sync(store, (body) => { posts += 1; assert.ok(body.events.length <= 100); return post(body); });
  await sender.drain();
  assert.deepEqual([posts, store.queue.size, done.size, sender.offsetMs], [5, 0, 500, -420000]);
  assert.deepEqual([...done.keys()], taps(500).map((one) => one.id));
});

test("an answer that is lost is asked for again with the same ids: nothing is done twice", async () => {
  const store = new Memory(taps(3));
  const { done, post } = server();
  let isCut = true;
  const sender = sync(store, async (body) => {
    const answer = await post(body);
    if (isCut) { isCut = false; throw new Error("cut"); }
    return answer;
  });
  await sender.drain();
  assert.deepEqual([sender.trouble, store.queue.size], ["offline", 3]);
  assert.ok(sender.offlineSince);
  await sender.drain();
  assert.deepEqual([sender.trouble, store.queue.size, [...done.values()]], ["", 0, [1, 1, 1]]);
});

test("two tabs at once: the server answers the second with replay, each event is done once", async () => {
  const store = new Memory(taps(120));
  const { done, post } = server();
  await Promise.all([sync(store, post).drain(), sync(store, post).drain()]);
  assert.deepEqual([store.queue.size, [...done.values()].every((one) => one === 1), done.size], [0, true, 120]);
});

test("what was tapped while it was sending is sent too", async () => {
  const store = new Memory(taps(1));
  const { done, post } = server();
  const sender = sync(store, async (body) => {
    if (body.events[0].id === "e1") { store.queue.set(2, { ...taps(1)[0], seq: 2, id: "e2" }); sender.drain(); }
    return post(body);
  });
  await sender.drain();
  assert.deepEqual([...done.keys()], ["e1", "e2"]);
});

test("logged out: everything stays, and the badge says why", async () => {
  const store = new Memory(taps(2));
  const sender = sync(store, async () => { throw new NeedsLogin("log in"); });
  await sender.drain();
  assert.deepEqual([sender.trouble, store.queue.size], ["login", 2]);
});

test("one event that the server cannot read does not stop the others, and is kept as a message", async () => {
  const store = new Memory(taps(4));
  const { done, post } = server();
  const sender = sync(store, async (body) => {
    if (body.events.some((one) => one.id === "e2")) throw new Refused("no such kind");
    return post(body);
  });
  await sender.drain();
  assert.deepEqual([...done.keys()], ["e1", "e3", "e4"]);
  assert.deepEqual(store.messages.map((one) => [one.id, one.sentence]), [["e2", "no such kind"]]);
});

test("a photo goes before its event and stays until it has arrived", async () => {
  const store = new Memory([{ ...taps(1)[0], payload: { photo: "p1" } }]);
  store.photos.set("p1", { id: "p1" });
  const told = [];
  const { post } = server();
  const upload = async (photo) => { told.push(photo.id); if (told.length === 1) throw new Error("cut"); };
  const sender = sync(store, (body) => { told.push("event"); return post(body); }, { upload });
  await sender.drain();
  assert.equal(store.photos.size, 1);
  await sender.drain();
  assert.deepEqual([told, store.photos.size], [["p1", "p1", "event"], 0]);
});

test("a PIN and a badge are known without a connection", async () => {
  const salt = new Uint8Array(16).fill(7);
  const key = await webcrypto.subtle.importKey("raw", new TextEncoder().encode("4711"), "PBKDF2", false, ["deriveBits"]);
  const hash = Buffer.from(await webcrypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: 1000 }, key, 256)).toString("hex");
  const person = { id: 5, pin: { salt: Buffer.from(salt).toString("hex"), rounds: 1000, hash } };
  assert.deepEqual([await pinIsRight(person, "4711"), await pinIsRight(person, "4712"), await pinIsRight(person, "4711", undefined)], [true, false, true]);
  const print = Buffer.from(await webcrypto.subtle.digest("SHA-256", new TextEncoder().encode("badge-5:B-1001"))).toString("hex");
  assert.equal((await byBadge([{ id: 4, badge: "x" }, { id: 5, badge: print }], "B-1001"))?.id, 5);
  assert.equal(await byBadge([{ id: 5, badge: print }], "B-1002"), null);
});

test("people come, are locked out after a while, prove themselves again, and go", () => {
  const wei = { id: 5, pin: {} };
  let team = comes(comes(nobody(), 4, 1000, false), 5, 2000, true);
  assert.deepEqual([team.ids, team.active], [[4, 5], 5]);
  assert.equal(isIdle(team, wei, 2000 + 600001, 600000), true);
  assert.equal(isIdle(team, { id: 5, pin: null }, 2000 + 600001, 600000), false);
  assert.deepEqual([mustProve(team, wei, 3000), mustProve(team, wei, 2000 + 300001)], [false, true]);
  team = goes(team, 5);
  assert.deepEqual([team.ids, team.active, team.proved], [[4], null, {}]);
});

test("a revoked tablet gives nothing up: it waits, says so, and goes on when it is enrolled again", async () => {
  const store = new Memory(taps(3));
  const { done, post } = server();
  let isRevoked = true;
  const sender = sync(store, (body) => { if (isRevoked) throw new Revoked("revoked"); return post(body); });
  await sender.drain();
  sender.reached();
  assert.deepEqual([sender.trouble, store.queue.size, store.messages.length], ["revoked", 3, 0]);
  isRevoked = false;
  await sender.drain();
  assert.deepEqual([sender.trouble, store.queue.size, done.size], ["", 0, 3]);
});
