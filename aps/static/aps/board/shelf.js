// Steps of the draft that the server does not have yet lie in the browser's own store, by person and plant: whoever reloads the page,
// or comes back to it later, goes on with them.

/** @typedef {{version: number, baseNo: number, saved: import("./state.js").Edit[], edits: import("./state.js").Edit[]}} Kept */

export class Shelf {
  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} store @param {number | string} person */
  constructor(store, person) {
    this.store = store;
    this.person = person;
    /** @type {Set<number>} plants whose steps this page has laid there: another page's stay */
    this.own = new Set();
  }
  /** @param {number} plant */
  key(plant) { return `throughline-draft-${this.person}-${plant}`; }

  /** What lies there of the plant; null: nothing that can be read. @param {number} plant @returns {Kept | null} */
  found(plant) {
    const text = this.tried(() => this.store?.getItem(this.key(plant)) ?? null);
    const kept = text ? this.tried(() => JSON.parse(text)) : null;
    if (![kept?.saved, kept?.edits].every((steps) => Array.isArray(steps) && steps.every((one) => typeof one?.do === "string"))) return null;
    this.own.add(plant);
    return { version: Number(kept.version), baseNo: Number(kept.baseNo), saved: kept.saved, edits: kept.edits };
  }
  /** Lays the draft there as long as the server lacks something of it. @param {import("./state.js").Draft} draft */
  keep({ plant, isDirty, version, baseNo, saved, edits }) {
    if (isDirty) this.own.add(plant);
    else if (!this.own.delete(plant)) return;
    this.tried(() => (isDirty ? this.store?.setItem(this.key(plant), JSON.stringify({ version, baseNo, saved, edits })) : this.store?.removeItem(this.key(plant))));
  }
  /** A browser may refuse its store, or have no room in it: then there is none. @template T @param {() => T} deed @returns {T | null} */
  tried(deed) {
    try {
      return deed();
    } catch {
      return null;
    }
  }
}
