// Boards that show the same: time, colour, folds, the row at the top, what is chosen. Pure.

/** @typedef {import("./types.js").Place} Place */

/** What tells a row from others, on whatever board it stands. @param {any} view @param {Place} place */
const nameOf = ({ plan }, place) => (place.kind === "machine" ? `machine ${plan.machines[place.machine].id}` : `${place.kind} ${plan.plants?.[place.plant]?.id ?? 0} ${place.key} ${place.group ?? 0}`);

/**
 * Where the other's rows have to begin so that it shows the same row at the top, else the next one that it has; null: it
 * has none of those.
 * @param {any} one @param {any} other
 */
export function sameTop(one, other) {
  const its = new Map(other.layout.rows.map((/** @type {Place} */ row) => [nameOf(other, row), row]));
  for (const row of one.layout.visible(one.top, Infinity)) {
    const same = its.get(nameOf(one, row));
    if (same) return Math.max(0, same.y + one.top - row.y);
  }
  return null;
}

/**
 * The operation that the other has to choose as one has: null is none, undefined leaves it what it chose, because one's
 * board has no such operation.
 * @param {any} one @param {any} other @returns {number | null | undefined}
 */
export function sameChoice(one, other) {
  if (one.chosenOp !== null) return other.plan.at.get(one.plan.id[one.chosenOp]) ?? null;
  return other.chosenOp !== null && !one.plan.at.has(other.plan.id[other.chosenOp]) ? undefined : null;
}

/** Boards on one time axis: whatever makes one draw anew makes all draw, and what one is turned to, all are. */
export class Group {
  /** @param {any} first whose choice the others follow */
  constructor(first) {
    this.first = first;
    /** @type {Map<any, { redraw: () => void, top: number, folded: string }>} */
    this.views = new Map();
    this.isAligning = false;
    this.add(first);
  }

  /** @param {any} view */
  add(view) {
    const redraw = view.redraw.bind(view);
    view.scale = this.first.scale;
    view.layout.folded = this.first.layout.folded;
    this.views.set(view, { redraw, top: view.top, folded: "" });
    view.redraw = () => this.redraw(view);
    if (view !== this.first) this.follow(this.first);
  }

  /** @param {any} view */
  remove(view) {
    const own = this.views.get(view);
    this.views.delete(view);
    if (own) view.redraw = own.redraw;
    view.span = null;
  }

  /** @param {any} from */
  redraw(from) {
    if (!this.isAligning) this.align(from);
    for (const { redraw } of this.views.values()) redraw();
  }

  /** @param {any} from the board that was touched */
  align(from) {
    this.isAligning = true;
    const views = [...this.views.keys()];
    const span = [Math.min(...views.map((view) => view.plan.first)), Math.max(...views.map((view) => view.plan.last))];
    for (const view of views) view.span = span;
    from.keepWithin();
    const own = this.views.get(from);
    const folded = [...this.first.layout.folded].join();
    for (const [view, known] of this.views) {
      view.colour = from.colour;
      if (known.folded === folded && view.layout.isWeek === view.scale.isWeek) continue;
      known.folded = folded;
      view.layout.isWeek = view.scale.isWeek;
      view.layout.lay();
    }
    for (const view of this.views.keys()) if (view !== this.first) this.choose(view);
    if (own && own.top !== from.top) this.follow(from);
    this.isAligning = false;
  }

  /** @param {any} view */
  choose(view) {
    const wanted = sameChoice(this.first, view);
    if (wanted !== undefined && wanted !== view.chosenOp) view.choose(wanted);
    const isOnly = Boolean(this.first.layout.only);
    if (isOnly !== Boolean(view.layout.only) && (view.chosenOp !== null || !isOnly)) view.focus(isOnly);
  }

  /** The same row at the top of all. @param {any} from */
  follow(from) {
    for (const [view, known] of this.views) {
      if (view !== from) view.top = sameTop(from, view) ?? view.top;
      view.keepWithin();
      known.top = view.top;
    }
  }
}
