// Rows of the board: plants with their work centres and machines, folded or not; which row is where. Pure.

/** @typedef {import("./types.js").Machine} Machine */
/** @typedef {import("./types.js").Centre} Centre */
/** @typedef {import("./types.js").PlantHead} PlantHead */
/** @typedef {import("./types.js").People} People */
/** @typedef {import("./types.js").Place} Place */

export const AXIS = 48;
export const TOP = 74;
export const LEFT = 240;
const LEFT_NARROW = 150;
const NARROW_PX = 560;
export const MINI = 66;
const PLANT = 24;
const CENTRE = 32;
const CENTRE_WEEK = 50;
const ROW = 24;
const ROW_WEEK = 13;
const QUIET = 8;

/** On a phone the left column leaves room for time, and the lanes have the mini-map's. @param {number} width */
export const isNarrow = (width) => width < NARROW_PX;
/** @param {number} width */
export const leftOf = (width) => (isNarrow(width) ? LEFT_NARROW : LEFT);

export const plantKey = (/** @type {number} */ id) => `plant-${id}`;
export const peopleKey = (/** @type {number} */ id) => `people-${id}`;

export class Layout {
  /** @param {Machine[]} machines @param {Centre[]} centres @param {PlantHead[]} plants one plant has no row of its own */
  constructor(machines, centres, plants = []) {
    this.machines = machines;
    this.centres = centres;
    this.plants = plants;
    /** @type {Set<string | number>} keys of the heads that are folded */
    this.folded = new Set();
    /** @type {Set<number> | null} machines that keep their height; the others are lines */
    this.only = null;
    this.isWeek = false;
    /** @type {Map<number, People>} by the plant's id */
    this.people = new Map();
    /** @type {Place[]} */
    this.rows = [];
    /** @type {Place[]} */
    this.placeOf = [];
    this.height = 0;
    this.lay();
  }

  lay() {
    this.rows = [];
    this.placeOf = new Array(this.machines.length);
    this.height = 0;
    const plants = this.plants.length || 1;
    for (let plant = 0; plant < plants; plant++) {
      const centres = this.centres.filter((centre) => (centre.plant ?? 0) === plant);
      const own = centres.flatMap((centre) => this.machinesOf(centre));
      const head = plants > 1 ? this.head("plant", PLANT, plantKey(this.plants[plant].id), plant, own) : null;
      if (head?.isFolded) continue;
      this.layPeople(plant);
      for (const centre of centres) this.layCentre(centre, plant);
    }
    return this;
  }

  /** @param {Centre} centre */
  machinesOf(centre) {
    const found = [];
    for (let index = 0; index < this.machines.length; index++) if (this.machines[index].work_centre === centre.id) found.push(index);
    return found;
  }

  /** @param {Place["kind"]} kind @param {number} h @param {string | number} key @param {number} plant @param {number[]} machines */
  head(kind, h, key, plant, machines) {
    /** @type {Place} */
    const place = { kind, y: this.height, h, key, plant, machine: -1, machines, isFolded: this.folded.has(key) };
    this.rows.push(place);
    this.height += h;
    if (place.isFolded) for (const machine of machines) this.placeOf[machine] = place;
    return place;
  }

  /** @param {Centre} centre @param {number} plant */
  layCentre(centre, plant) {
    const own = this.machinesOf(centre);
    const head = this.head("centre", this.isWeek ? CENTRE_WEEK : CENTRE, centre.id, plant, own);
    head.centre = centre;
    if (head.isFolded) return;
    const height = this.isWeek ? ROW_WEEK : ROW;
    for (const machine of own) {
      const h = this.only && !this.only.has(machine) ? QUIET : height;
      /** @type {Place} */
      const row = { kind: "machine", y: this.height, h, key: "", plant, centre, machine, machines: [machine], isFolded: false };
      this.rows.push(row);
      this.placeOf[machine] = row;
      this.height += h;
    }
  }

  /** All people of the plant, its first group, in one row, which is kept free until they come; under it a row for each other group. @param {number} plant */
  layPeople(plant) {
    const id = this.plants[plant]?.id ?? 0;
    const people = this.people.get(id);
    if (!people) return;
    const height = this.isWeek ? CENTRE_WEEK : CENTRE;
    const head = this.head("people", height, peopleKey(id), plant, []);
    head.group = 0;
    if (head.isFolded) return;
    for (let group = 1; group < people.groups.length; group++) this.head("people", height, "", plant, []).group = group;
  }

  /** The row at a height from the top of all rows; undefined below the last. @param {number} y @returns {Place | undefined} */
  at(y) {
    if (y < 0 || y >= this.height) return undefined;
    return this.rows[this.place(y)];
  }

  /** The position of the row at `y`. @param {number} y */
  place(y) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].y <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** @param {number} from @param {number} to */
  visible(from, to) {
    const first = this.place(Math.max(0, from));
    let last = first;
    while (last < this.rows.length && this.rows[last].y < to) last++;
    return this.rows.slice(first, last);
  }
}
