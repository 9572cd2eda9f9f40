// What the card says of a histogram's hour: heads needed and there, work and open time; figures by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { average, hoursAt } from "../../aps/static/aps/board/hours.js";
import { Sight } from "../../aps/static/aps/board/sight.js";
import { sample } from "./sample.mjs";

const say = {
  people: "People", peoplePublished: "People, published", hourInView: "average", inViewNow: "in view", headsNeeded: "needed %(count)s", headsThere: "there %(count)s",
  headsFew: "%(count)s too few", headsEnough: "enough", loadOf: "%(work)s in %(open)s", loadSetup: "%(time)s setup", loadNeeded: "%(time)s needed",
};
const GROUP = { name: "Welders", from: 360, step: 60, need: [2, 3, 0, 1], there: [2, 1, 0, 3] };

// From 300 on with 60 px an hour: a minute is a pixel. The rows: people (two groups), saw, pack.
function looking() {
  const view = new Sight(sample(), say);
  Object.assign(view, { width: 1200, height: 700, bottom: 634 });
  view.scale.width = 1200;
  view.takePeople(1, { groups: [{ ...GROUP, name: "Everybody" }, GROUP] });
  view.layout.folded.clear();
  view.layout.lay();
  view.zoom(60);
  view.show(300, 0);
  view.days = view.zone.midnights(view.scale.from, view.scale.until);
  const row = (at) => view.y(view.layout.rows[at]) + 5;
  return { view, row, x: (time) => view.scale.x(time) };
}

test("heads on average are those of the hours in which somebody is needed or there", () => {
  // The hour from 480 on has nobody at all: three hours count, 6 needed and 6 there.
  assert.deepEqual(average(GROUP, 360, 600), { need: 2, there: 2 });
  assert.deepEqual(average(GROUP, 420, 540), { need: 3, there: 1 });
  assert.deepEqual(average(GROUP, 480, 540), { need: 0, there: 0 });
});

test("over people's rows the card says the hour, heads needed and heads there", () => {
  const { view, row, x } = looking();
  const whole = hoursAt(view, x(425), row(0));
  assert.deepEqual([whole.head, whole.title.slice(-13), whole.work, whole.times, whole.state, whole.tone], ["People", "07:00 – 08:00", "needed 3", "there 1", "2 too few", "risk"]);
  const group = hoursAt(view, x(570), row(1));
  assert.deepEqual([group.head, group.work, group.state, group.tone], ["Welders", "needed 1", "enough", "done"]);
  assert.equal(hoursAt(view, x(500), row(0)), null);
  view.isDraft = true;
  assert.equal(hoursAt(view, x(425), row(0)).head, "People, published");
  assert.deepEqual([hoursAt(view, 20, row(0)).title, hoursAt(view, 20, row(0)).work], ["average", "needed 2"]);
});

test("over a work centre's row it says work and open time", () => {
  // The saw from 360 to 420: set up for half an hour, then it runs. From 420 to 480 it is down: nothing is open.
  const { view, row, x } = looking();
  const told = hoursAt(view, x(400), row(2));
  assert.deepEqual([told.head, told.title.slice(-13), told.work, told.times, told.state, told.tone], ["Saw", "06:00 – 07:00", "1 h in 1 h", "0.5 h setup", "100 %", "risk"]);
  assert.equal(hoursAt(view, x(450), row(2)), null);
  assert.equal(hoursAt(view, x(400), row(3)), null);
});
