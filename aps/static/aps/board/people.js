// How many people the plan needs by hour and how many are there: asked of all plants at once, and anew with each plan.

/** @typedef {{id: number, people: string, held: {plan?: {no: number} | null} | null}} Staffed a plant; an empty address: one may not know */

export class People {
  /** @param {Pick<import("./transport.js").Line, "fetch">} line @param {(plant: number, people: import("./types.js").People) => void} take */
  constructor(line, take) {
    this.line = line;
    this.take = take;
    /** @type {Map<number, number>} the plan that each plant was asked about */
    this.asked = new Map();
  }
  /** Whose plan is another one than before is asked. @param {Staffed[]} plants @param {number} from @param {number} until */
  follow(plants, from, until) {
    return Promise.all(plants.map((plant) => this.ask(plant, from, until)));
  }
  /** @param {Staffed} plant @param {number} from @param {number} until */
  async ask({ id, people, held }, from, until) {
    const no = held?.plan?.no ?? 0;
    if (!people || this.asked.get(id) === no) return;
    this.asked.set(id, no);
    const answer = await this.line.fetch(`${people}?from=${from}&until=${until}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = answer?.ok ? await answer.json() : null;
    // An answer about the plan before comes too late.
    if (this.asked.get(id) !== no) return;
    if (found) this.take(id, found);
    else if (!answer) this.asked.delete(id);
  }
}
