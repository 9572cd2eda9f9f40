// What one looks at, in the address line: kept there while one moves, read from it when the page opens.
import { look, query } from "./address.js";

const AFTER_MS = 400;

export class Lookout {
  /** @param {any} view @param {() => {isOnly: boolean, besides: number[], isCompared: boolean, isTable: boolean, filter: import("./filter.js").Filter}} page */
  constructor(view, page) {
    this.view = view;
    this.page = page;
    this.timer = 0;
  }
  // What the address asks for.
  wish() { return look(location.search, this.view.zone.epoch); }

  get search() {
    const { view } = this;
    const ids = [...(view.selected ?? [])].map((op) => view.plan.id[op]);
    const is = {
      time: view.scale.from, perHour: view.scale.perHour, top: view.top, folded: [...view.layout.folded].map(String),
      op: view.chosenOp === null ? null : view.plan.id[view.chosenOp], selected: ids, colour: view.colour ?? "late", order: null, ...this.page(),
    };
    return query(is, location.search, view.zone.epoch);
  }
  // Writes the address when nothing has moved for a moment.
  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => history.replaceState(history.state, "", `?${this.search}`), AFTER_MS);
  }
  // The link to exactly this; false when the browser keeps its clipboard to itself.
  async copy() {
    clearTimeout(this.timer);
    history.replaceState(history.state, "", `?${this.search}`);
    try {
      await navigator.clipboard.writeText(location.href);
      return true;
    } catch {
      return false;
    }
  }
}

// Puts the view where the address wants it; false: the address wants nothing in particular.
/** @param {any} view @param {ReturnType<typeof look>} wish */
export function arrive(view, wish) {
  const keys = new Map([...view.layout.rows].map((/** @type {any} */ row) => [String(row.key ?? row.centre?.id), row.key ?? row.centre?.id]));
  for (const name of wish.folded) if (keys.has(name)) view.layout.folded.add(keys.get(name));
  view.layout.lay();
  view.colour = wish.colour;
  if (wish.perHour !== null) view.zoom(wish.perHour);
  if (wish.time !== null) view.scale.from = wish.time;
  view.top = wish.top;
  const places = wish.selected.map((id) => view.plan.at.get(id)).filter((op) => op !== undefined);
  view.selected = places.length ? new Set(places) : null;
  view.redraw();
  return wish.time !== null || wish.op !== null;
}
