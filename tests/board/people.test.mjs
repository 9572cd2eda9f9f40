// People against the plan: asked of all plants at once, anew with each plan, never with an answer about an older one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { People } from "../../aps/static/aps/board/people.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const plant = (id, no) => ({ id, people: `/people/${id}`, held: { plan: { no } } });

function asking() {
  const calls = [];
  const taken = [];
  const fetch = (url) => new Promise((resolve, reject) => calls.push({ url, give: (said) => resolve({ ok: true, json: async () => said }), refuse: () => resolve({ ok: false }), lose: () => reject(new TypeError("no network")) }));
  return { calls, taken, people: new People({ fetch }, (id, said) => taken.push([id, said])) };
}

test("all plants are asked at once, again only about another plan", async () => {
  const { calls, taken, people } = asking();
  people.follow([plant(1, 4), plant(2, 7), { id: 3, people: "", held: null }], 0, 600);
  assert.deepEqual(calls.map((one) => one.url), ["/people/1?from=0&until=600", "/people/2?from=0&until=600"]);
  calls[1].give("two");
  calls[0].give("one");
  await turn();
  assert.deepEqual(taken, [[2, "two"], [1, "one"]]);
  people.follow([plant(1, 4), plant(2, 7)], 0, 600);
  assert.equal(calls.length, 2);
  people.follow([plant(1, 5), plant(2, 7)], 60, 660);
  assert.equal(calls[2].url, "/people/1?from=60&until=660");
  calls[2].give("anew");
  await turn();
  assert.deepEqual(taken[2], [1, "anew"]);
});

test("an answer about the plan before comes too late", async () => {
  const { calls, taken, people } = asking();
  people.follow([plant(1, 4)], 0, 600);
  people.follow([plant(1, 5)], 0, 600);
  calls[1].give("new");
  calls[0].give("old");
  await turn();
  assert.deepEqual(taken, [[1, "new"]]);
});

test("without a connection it asks with the next news, refused it waits for another plan", async () => {
  const { calls, people } = asking();
  people.follow([plant(1, 4)], 0, 600);
  calls[0].lose();
  await turn();
  people.follow([plant(1, 4)], 0, 600);
  assert.equal(calls.length, 2);
  calls[1].refuse();
  await turn();
  people.follow([plant(1, 4)], 0, 600);
  assert.equal(calls.length, 2);
});
