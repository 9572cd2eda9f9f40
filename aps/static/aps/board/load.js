// Load by hours: what is open, run and set up on a machine or a group of them, summed once and asked for any span. Pure.
import { cut, firstEnding, pieces } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Span} Span */
/** @typedef {{ open: Float64Array, run: Float64Array, setup: Float64Array }} Sums minutes from the first hour up to each hour */

const MOST_HOURS = 24 * 200;

export class Loads {
  /** @param {Plan} plan @param {Loads} [before] of the same plan with other work moved: what lies as it did is summed already */
  constructor(plan, before) {
    this.plan = plan;
    this.first = Math.floor(plan.first / 60) * 60;
    this.hours = Math.min(MOST_HOURS, Math.max(1, Math.ceil((plan.last - this.first) / 60) + 26));
    /** @type {Map<number, Sums>} */
    this.machines = new Map();
    /** @type {Map<string | number, { parts: Sums[], total: Sums }>} */
    this.groups = new Map();
    /** @type {Map<number, Float64Array> | null} */
    this.needs = null;
    if (before) this.inherit(before);
  }

  /** @param {Loads} before */
  inherit(before) {
    if (before.first !== this.first || before.hours !== this.hours || before.plan.machines !== this.plan.machines) return;
    for (const [machine, sums] of before.machines) if (before.plan.rows[machine] === this.plan.rows[machine]) this.machines.set(machine, sums);
    this.groups = new Map(before.groups);
  }

  /** @param {number} machine @returns {Sums} */
  machine(machine) {
    let found = this.machines.get(machine);
    if (!found) this.machines.set(machine, (found = this.counted(machine)));
    return found;
  }

  /** @param {number} machine */
  counted(machine) {
    const { plan } = this;
    const [open, run, setup] = [0, 1, 2].map(() => new Float64Array(this.hours + 1));
    const until = this.first + this.hours * 60;
    for (const [a, b] of cut(plan.machines[machine].windows, this.first, until)) this.add(open, a, b, 1);
    for (const hole of plan.machines[machine].blocks) for (const [a, b] of cut(plan.machines[machine].windows, hole.start, hole.end)) this.add(open, a, b, -1);
    for (const op of plan.rows[machine]) {
      if (plan.leaves?.[op]) continue;
      const runs = plan.run[op];
      for (const [a, b] of plan.state[op] === "running" ? pieces(plan, op).flatMap(([from, to]) => cut(plan.machines[machine].windows, from, to)) : pieces(plan, op)) {
        if (a < runs) this.add(setup, a, Math.min(b, runs), 1);
        if (b > runs) this.add(run, Math.max(a, runs), b, 1);
      }
    }
    for (const one of [open, run, setup]) summed(one);
    return { open, run, setup };
  }

  /** Minutes of [from, to) into the hours they lie in. @param {Float64Array} into @param {number} from @param {number} to @param {number} sign */
  add(into, from, to, sign) {
    const last = this.first + this.hours * 60;
    let at = Math.max(from, this.first);
    const end = Math.min(to, last);
    while (at < end) {
      const hour = Math.floor((at - this.first) / 60);
      const next = Math.min(end, this.first + hour * 60 + 60);
      into[hour + 1] += sign * (next - at);
      at = next;
    }
  }

  /** The sums of several machines, kept under `key`. @param {string | number} key @param {number[]} machines @returns {Sums} */
  group(key, machines) {
    const parts = machines.map((machine) => this.machine(machine));
    let found = this.groups.get(key);
    if (!found || parts.some((one, at) => found?.parts[at] !== one)) {
      const total = { open: new Float64Array(this.hours + 1), run: new Float64Array(this.hours + 1), setup: new Float64Array(this.hours + 1) };
      for (const one of parts) {
        for (let hour = 0; hour <= this.hours; hour++) {
          total.open[hour] += one.open[hour];
          total.run[hour] += one.run[hour];
          total.setup[hour] += one.setup[hour];
        }
      }
      this.groups.set(key, (found = { parts, total }));
    }
    return found.total;
  }

  /** Minutes within a span. @param {Float64Array} sums @param {number} from @param {number} to */
  within(sums, from, to) { return this.upTo(sums, to) - this.upTo(sums, from); }

  /** @param {Float64Array} sums @param {number} time */
  upTo(sums, time) {
    const at = Math.max(0, Math.min(this.hours, (time - this.first) / 60));
    const hour = Math.floor(at);
    return hour >= this.hours ? sums[this.hours] : sums[hour] + (sums[hour + 1] - sums[hour]) * (at - hour);
  }

  /** Share of the open time that is planned; null when all is closed. @param {Sums} sums @param {number} from @param {number} to */
  share(sums, from, to) {
    const open = this.within(sums.open, from, to);
    if (open < 1) return null;
    return (this.within(sums.run, from, to) + this.within(sums.setup, from, to)) / open;
  }

  /**
   * Work of a group if everything were done as late as its promise allows, machines unlimited: what the promises need.
   * @param {number} centre id of the work centre
   */
  need(centre) {
    this.needs ||= needed(this);
    return this.needs.get(centre) ?? null;
  }
}

/** @param {Float64Array} sums */
function summed(sums) {
  for (let hour = 1; hour < sums.length; hour++) sums[hour] += sums[hour - 1];
}

/** The latest start that leaves `minutes` of open time before `end`. @param {Span[]} windows @param {number} end @param {number} minutes */
export function latestStart(windows, end, minutes) {
  let left = minutes;
  for (let at = Math.min(windows.length - 1, firstEnding(windows, end)); at >= 0; at--) {
    const [from, to] = windows[at];
    const until = Math.min(to, end);
    if (until <= from) continue;
    if (until - from >= left) return until - left;
    left -= until - from;
  }
  return windows.length ? Math.min(end, windows[0][0]) : end - left;
}

// Backwards through the plan: what comes later in it is dealt with first, so successors stand before predecessors.
/** @param {Loads} loads */
function needed(loads) {
  const { plan } = loads;
  /** @type {Map<number, Float64Array>} */
  const found = new Map();
  const latest = new Float64Array(plan.count).fill(Infinity);
  const order = Array.from({ length: plan.count }, (_, op) => op).sort((a, b) => plan.end[b] - plan.end[a] || b - a);
  for (const op of order) {
    const due = plan.due[op];
    const end = Math.min(latest[op], due ?? Infinity);
    if (end === Infinity) continue;
    const { windows, work_centre: centre } = plan.machines[plan.machine[op]];
    const work = pieces(plan, op).reduce((total, [a, b]) => total + b - a, 0);
    const start = latestStart(windows, end, work);
    for (const before of plan.preds[op]) latest[before] = Math.min(latest[before], start);
    let sums = found.get(centre);
    if (!sums) found.set(centre, (sums = new Float64Array(loads.hours + 1)));
    for (const [a, b] of cut(windows, start, end)) loads.add(sums, a, b, 1);
  }
  for (const sums of found.values()) summed(sums);
  return found;
}

/**
 * The times at which one bar of a histogram ends and the next begins: hours, two hours, shifts or days.
 * @param {number} bucket @param {number[]} days local midnights @param {Worked | undefined} of whose shifts
 * @param {number} from @param {number} until @returns {Span[]}
 */
export function buckets(bucket, days, of, from, until) {
  /** @type {Span[]} */
  const found = [];
  if (bucket === 480) return shiftsOf(of, from, until).map(([start, end]) => [start, end]);
  for (let day = 0; day + 1 < days.length; day++) {
    const next = days[day + 1];
    for (let at = days[day]; at < next; at += bucket) {
      const end = Math.min(at + bucket, next);
      if (end > from && at < until) found.push([at, end]);
    }
  }
  return found;
}

/** @typedef {{ windows: Span[], shifts?: Shift[] }} Worked a machine, for what its calendar says */
/** @typedef {[number, number, string]} Shift from, to, name */

/** The shifts of a machine's calendar in [from, until); where it names none, what is open is parted. @param {Worked | undefined} of @param {number} from @param {number} until @returns {Shift[]} */
export function shiftsOf(of, from, until) {
  const named = of?.shifts;
  if (!named?.length) return shifts(of?.windows ?? [], from, until).map(([start, end]) => [start, end, ""]);
  let last = firstEnding(named, from);
  const first = last;
  while (last < named.length && named[last][0] < until) last++;
  return named.slice(first, last);
}

const BREAK_MIN = 60;
const SHIFT_MIN = 480;

/**
 * The shifts of a calendar of which one knows only when it is open: breaks are closed, and what is open then is parted
 * evenly into shifts of about eight hours.
 * @param {Span[]} windows @param {number} from @param {number} until
 */
export function shifts(windows, from, until) {
  let at = Math.max(0, firstEnding(windows, from));
  while (at > 0 && windows[at] && windows[at][0] - windows[at - 1][1] <= BREAK_MIN) at--;
  /** @type {Span[]} */
  const open = [];
  for (; at < windows.length; at++) {
    const [start, end] = windows[at];
    const last = open[open.length - 1];
    if (last && start - last[1] <= BREAK_MIN) last[1] = end;
    else if (start >= until) break;
    else open.push([start, end]);
  }
  return open.flatMap(parted).filter(([start, end]) => end > from && start < until);
}

/** @param {Span} span @returns {Span[]} */
function parted([start, end]) {
  const parts = Math.max(1, Math.round((end - start) / SHIFT_MIN));
  const edge = (/** @type {number} */ at) => Math.round(start + ((end - start) * at) / parts);
  return Array.from({ length: parts }, (_, at) => [edge(at), edge(at + 1)]);
}
