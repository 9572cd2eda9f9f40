// What one looks at: the plan, its rows, the span of time, what hands laid over it. Knows no canvas.
import { machinesOf, operationAt } from "./hit.js";
import { AXIS, LEFT, Layout, MINI, TOP, peopleKey } from "./layout.js";
import { Loads } from "./load.js";
import { levelOf } from "./lod.js";
import { miniTime } from "./minimap.js";
import { chainOf, read } from "./plan.js";
import { counted, promisesOf } from "./promises.js";
import { PRESETS, Scale, snap } from "./scale.js";
import { legendOf } from "./style.js";
import { tried } from "./trial.js";
import { Zone } from "./zone.js";

/** @typedef {import("./types.js").Plan} Plan */

const FLAG_PX = 12;

export class Sight {
  /** @type {Plan} */ plan;
  /** @type {Zone} */ zone;
  /** @type {Layout} */ layout;
  /** @type {Loads} */ loads;
  /** @type {import("./promises.js").Promise[]} */ promises;
  promised = { late: 0, tight: 0 };
  /** @type {import("./types.js").Machine | undefined} with the calendar that most machines have */ usual;
  scale = new Scale(0, PRESETS.shift, LEFT, 1000);
  width = 0;
  height = 0;
  /** where lanes end and the mini-map begins */ bottom = 0;
  top = 0;
  ratio = 1;
  /** @type {Set<number> | null} operations that belong together */ chosen = null;
  /** @type {number | null} */ chosenOp = null;
  /** @type {number | null} */ hover = null;
  /** @type {import("./types.js").Drag | null} */ drag = null;
  /** @type {{ x1: number, y1: number, x2: number, y2: number } | null} */ band = null;
  /** @type {Set<number> | null} */ selected = null;
  /** @type {Map<number, { machine: number, start: number, end: number }> | null} published places */ ghosts = null;
  /** @type {Uint8Array | null} */ dimmed = null;
  /** @type {number | null} operations that the filter lets through */ fitting = null;
  /** @type {number | null} a machine that was looked for */ marked = null;
  /** changes stand over the published plan */ isDraft = false;
  /** @type {import("./types.js").Mode} */ colour = "late";
  /** @type {Set<number> | null} */ pins = null;
  /** @type {Map<number, string> | null} */ numbers = null;
  /** @type {{ op: number, time: number, text: string } | null} what all of a chain waits for */ cause = null;
  /** @type {{ moved: unknown, plan: Plan, tried: Plan } | null} */ trial = null;
  /** @type {import("./promises.js").Flag[]} */ flags = [];
  /** @type {[number, number] | null} what one may look at, when it is more than the plan */ span = null;

  /** @param {any} given a plan, or the data of one @param {Record<string, string>} say */
  constructor(given, say) {
    this.say = say;
    this.take(given);
    this.scale.show(this.plan.now, 0.15);
  }

  redraw() {}

  get level() { return levelOf(this.scale.perHour); }

  /** New data: what one looks at, and what is chosen, stays. @param {any} given */
  take(given) {
    const chosenId = this.chosenOp === null ? null : this.plan.id[this.chosenOp];
    const kept = this.layout;
    this.plan = given.rows ? given : read(given);
    const { data, machines } = this.plan;
    this.zone = new Zone(data.epoch, data.plant.zone);
    this.layout = new Layout(machines, this.plan.data.work_centres, this.plan.plants ?? [data.plant]);
    if (kept) {
      Object.assign(this.layout, { folded: kept.folded, isWeek: kept.isWeek, people: kept.people });
      this.layout.lay();
    }
    this.loads = new Loads(this.plan, this.loads);
    this.promises = promisesOf(this.plan);
    this.promised = counted(this.promises);
    this.usual = mostUsual(machines);
    this.hover = null;
    this.trial = null;
    this.choose(chosenId === null ? null : this.plan.at.get(chosenId) ?? null);
    if (kept?.only) this.focus(true);
  }

  /** The plan as it lies while the hand tries something. @returns {Plan} */
  get shown() {
    const moved = this.drag?.moved;
    if (!moved?.size) return this.plan;
    if (this.trial?.moved !== moved || this.trial.plan !== this.plan) this.trial = { moved, plan: this.plan, tried: tried(this.plan, moved) };
    return this.trial.tried;
  }

  /** @returns {import("./style.js").Looks} */
  looks() {
    const { colour: mode, chosen, dimmed, ghosts, pins, drag } = this;
    return { mode, chosen, dimmed, ghosts, pins, drag };
  }

  /** The legend: a style with the key of its word, or a name of the plan's own. */
  legend() { return legendOf(this.plan, this.colour); }

  /** Room for people who are still to come, so that nothing moves then. @param {number[]} plants ids */
  expectPeople(plants) { for (const plant of plants) this.takePeople(plant, { groups: [] }); }

  /** People of a plant by hour; their rows stand under the plant. @param {number} plant id @param {import("./types.js").People} people */
  takePeople(plant, people) {
    const { layout } = this;
    if (!layout.people.has(plant)) layout.folded.add(peopleKey(plant));
    layout.people.set(plant, people);
    layout.lay();
    this.redraw();
  }

  /** @param {{ y: number }} place */
  y(place) { return TOP + place.y - this.top; }

  keepWithin() {
    this.scale.keepWithin(...(this.span ?? [this.plan.first, this.plan.last]));
    this.top = Math.max(0, Math.min(this.top, this.layout.height - (this.bottom - TOP) + 12));
  }

  /** Where nothing is pointed at, a zoom leaves now in its place; else what stands a quarter into the lanes. */
  get steady() {
    const { scale, width, plan } = this;
    const now = scale.x(plan.now);
    return now >= scale.left && now <= width ? now : scale.left + (width - scale.left) * 0.25;
  }
  /** @param {number} perHour @param {number} x */
  zoom(perHour, x = this.steady) {
    this.scale.zoom(perHour, x);
    if (this.scale.isWeek !== this.layout.isWeek) {
      const middle = this.top / this.layout.height;
      this.layout.isWeek = this.scale.isWeek;
      this.layout.lay();
      this.top = middle * this.layout.height;
    }
    this.redraw();
  }
  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.scale.pan(dx);
    this.top += dy;
    this.redraw();
  }
  /** @param {number} time @param {number} [share] */
  show(time, share) {
    this.scale.show(time, share);
    this.redraw();
  }
  /** Bring a machine's row into view. @param {number} machine */
  reveal(machine) {
    const place = this.layout.placeOf[machine];
    const room = this.bottom - TOP;
    if (place.y < this.top + 30 || place.y + place.h > this.top + room - 30) this.top = place.y - room / 2;
    this.redraw();
  }
  /** @param {number | null} op */
  choose(op) {
    this.chosenOp = op;
    this.chosen = op === null ? null : new Set(chainOf(this.plan, op));
    if (op === null && this.layout.only) this.focus(false);
    this.redraw();
  }
  /** The order whose operations are chosen; null: none, or work for stock. */
  chosenOrder() { return this.chosenOp === null ? null : this.plan.order[this.chosenOp]; }

  /** Only the machines of the chosen order keep their height. @param {boolean} isOn */
  focus(isOn) {
    this.layout.only = isOn && this.chosenOp !== null ? machinesOf(this.plan, this.plan.order[this.chosenOp]) : null;
    this.layout.lay();
    this.redraw();
  }
  /** @param {string | number} key */
  fold(key) {
    const { folded } = this.layout;
    if (!folded.delete(key)) folded.add(key);
    this.layout.lay();
    this.redraw();
  }

  /** @param {number} x @param {number} y */
  hit(x, y) {
    if (y < TOP || y >= this.bottom) return null;
    return operationAt(this.shown, this.layout, this.scale, x, y - TOP + this.top);
  }
  /** @param {number} y */
  placeAt(y) { return y < TOP || y >= this.bottom ? undefined : this.layout.at(y - TOP + this.top); }
  /** The time under a point of the mini-map; null outside it. @param {number} x @param {number} y */
  miniAt(x, y) { return y < this.bottom || y > this.bottom + MINI || x < this.scale.left ? null : miniTime(this, x); }
  /** The order whose promise stands at a point; the hottest where several do. @param {number} x @param {number} y */
  flagAt(x, y) {
    if (y < AXIS || y >= TOP || x < this.scale.left) return null;
    const near = this.flags.filter((flag) => x >= flag.x - 2 && x <= flag.x + FLAG_PX);
    return near.length ? near[near.length - 1].hot[0] : null;
  }

  /** Where a bar stands on the canvas; null when its row is folded, too low or out of view. @param {number} machine @param {number} start @param {number} end */
  box(machine, start, end) {
    const place = this.layout.placeOf[machine];
    if (!place || place.kind !== "machine" || place.h < 10) return null;
    const pad = place.h < 16 ? 1.5 : 3;
    const [top, bottom] = [this.y(place) + pad, this.y(place) + place.h - pad];
    if (bottom < TOP || top > this.bottom) return null;
    const x = snap(Math.max(this.scale.left - 8, this.scale.x(start)), this.ratio);
    const right = snap(Math.min(this.width + 8, this.scale.x(end)), this.ratio) - 1;
    if (right < this.scale.left - 8 || x > this.width) return null;
    return { x, y: snap(top, this.ratio), w: right - x, h: snap(bottom, this.ratio) - snap(top, this.ratio) };
  }

  /** May the work in the hand go there? Until the engine has said so, its whole work centre may. @param {number} machine */
  isLegal(machine) {
    const { drag, plan } = this;
    if (!drag) return false;
    if (drag.legal) return drag.legal.has(machine);
    return plan.machines[machine].work_centre === plan.machines[plan.machine[drag.ops[0]]].work_centre;
  }
  /** Is an order chosen that does nothing on the machine? Asked only while one looks at this order alone. @param {number} machine */
  isBeside(machine) { return this.layout.only !== null && !this.layout.only.has(machine); }
  /** @param {number} plant position */
  frozenUntil(plant) { return this.plan.plants?.[plant]?.frozen_until ?? this.plan.data.frozen_until ?? null; }
  /** @param {import("./types.js").Hole} hole */
  holeWord(hole) { return hole.cause || this.say.down; }
  /** @param {number} machine */
  runs(machine) { return this.plan.rows[machine].some((op) => this.plan.state[op] === "running"); }
  /** Load of a machine in the visible span. @param {number} machine */
  load(machine) { return this.loads.share(this.loads.machine(machine), this.scale.from, this.scale.until); }

  inView() {
    const rows = this.layout.visible(this.top, this.top + this.bottom - TOP).filter((place) => place.kind === "machine");
    return rows.flatMap(({ machine }) => this.plan.rows[machine].filter((op) => this.plan.end[op] > this.scale.from && this.plan.start[op] < this.scale.until));
  }
}

/** A machine with the calendar that most have. @param {import("./types.js").Machine[]} machines @returns {import("./types.js").Machine | undefined} */
function mostUsual(machines) {
  const count = new Map();
  for (const { windows } of machines) count.set(windows, (count.get(windows) ?? 0) + 1);
  const most = Math.max(...count.values());
  return machines.find(({ windows }) => count.get(windows) === most);
}
