// The planner's draft: edits of one or several plants in the order they were made, undo and redo, what the server has. Pure.

/** @typedef {{do: string, ops?: any[], op?: number, line?: number, [key: string]: any}} Edit */
/** @typedef {{version: number, base_no: number, edits: Edit[], others: {name: string, changes: number, at: string}[], can_edit: boolean}} Answer */

const BORN = 1000;

export class Draft {
  /** @param {number} plant */
  constructor(plant) {
    this.plant = plant;
    this.version = 0;
    this.baseNo = 0;
    this.canEdit = false;
    /** @type {Answer["others"]} */
    this.others = [];
    /** @type {Edit[]} */
    this.edits = [];
    /** @type {Edit[]} */
    this.saved = [];
  }
  get isDirty() { return !same(this.edits, this.saved); }

  // What the server holds now; edits made here since the last save stay behind it.
  /** @param {Answer} answer */
  take(answer) {
    const kept = this.with(answer.edits);
    this.note(answer);
    this.edits = kept;
  }

  // A save whose answer was lost has arrived all the same: its edits are not made twice. Of a draft that was published meanwhile
  // nothing is made again, though some of it was taken back here.
  /** @param {Edit[]} theirs */
  with(theirs) {
    if (!this.isDirty) return [...theirs];
    if (theirs.length > this.saved.length && same(this.edits.slice(0, theirs.length), theirs)) return this.edits;
    const own = appended(this.saved, this.edits);
    if (own === null && theirs.length) return this.edits;
    if (own === null) return renumbered(this.edits.slice(shared(this.saved, this.edits)), shared(this.saved, this.edits), 0);
    return [...theirs, ...renumbered(own, this.saved.length, theirs.length)];
  }

  // A save was answered: the server's version, edits as they were sent.
  /** @param {Answer} answer @param {Edit[]} sent */
  kept(answer, sent) {
    this.note(answer);
    if (same(this.edits, sent)) this.edits = [...answer.edits];
  }

  /** @param {Answer} answer */
  note(answer) {
    Object.assign(this, { version: answer.version, baseNo: answer.base_no, canEdit: answer.can_edit, others: answer.others });
    this.saved = [...answer.edits];
  }
}

export class State {
  /** @param {number[]} plants */
  constructor(plants) {
    /** @type {Map<number, Draft>} */
    this.drafts = new Map(plants.map((plant) => [plant, new Draft(plant)]));
    /** @type {number[]} */
    this.done = [];
    /** @type {{plant: number, edit: Edit}[]} */
    this.undone = [];
  }
  /** @param {number} plant */
  draft(plant) {
    const found = this.drafts.get(plant);
    if (!found) throw new RangeError(`no draft of plant ${plant}`);
    return found;
  }
  get canUndo() { return this.done.length > 0; }
  get canRedo() { return this.undone.length > 0; }
  get count() { return [...this.drafts.values()].reduce((sum, draft) => sum + draft.edits.length, 0); }

  /** @param {number} plant @param {Edit} edit */
  add(plant, edit) {
    this.draft(plant).edits.push(edit);
    this.done.push(plant);
    this.undone = [];
  }
  // The plant whose last edit was taken back; null when there is none.
  undo() {
    const plant = this.done.pop();
    if (plant === undefined) return null;
    const edit = this.draft(plant).edits.pop();
    if (edit) this.undone.push({ plant, edit });
    return plant;
  }
  redo() {
    const last = this.undone.pop();
    if (!last) return null;
    this.draft(last.plant).edits.push(last.edit);
    this.done.push(last.plant);
    return last.plant;
  }
  // The server's word about one plant; what can be undone is what stands in the drafts then.
  /** @param {number} plant @param {Answer} answer */
  take(plant, answer) {
    const before = this.draft(plant).edits.length;
    this.draft(plant).take(answer);
    if (this.draft(plant).edits.length !== before) this.order();
  }
  // Unsaved edits of an earlier visit, until the server has said what it has.
  /** @param {number} plant @param {import("./shelf.js").Kept} kept */
  resume(plant, kept) {
    Object.assign(this.draft(plant), kept);
    this.order();
  }
  // Edits that the engine refuses leave the draft for good: positions among the plant's edits.
  /** @param {number} plant @param {number[]} positions */
  drop(plant, positions) {
    const draft = this.draft(plant);
    const gone = new Set(positions);
    const kept = draft.edits.map((_, index) => index).filter((index) => !gone.has(index));
    draft.edits = kept.map((from, to) => moved(draft.edits[from], (index) => (index === from ? to : kept.indexOf(index))));
    this.order();
    this.undone = [];
  }
  // Published or begun anew: nothing of the plant can be undone or redone.
  /** @param {number} plant */
  clear(plant) {
    Object.assign(this.draft(plant), { edits: [], saved: [] });
    this.undone = this.undone.filter((one) => one.plant !== plant);
    this.order();
  }
  order() {
    const left = new Map([...this.drafts].map(([plant, draft]) => [plant, draft.edits.length]));
    const kept = [];
    for (const plant of this.done) {
      const room = left.get(plant) || 0;
      if (!room) continue;
      kept.push(plant);
      left.set(plant, room - 1);
    }
    const before = [...left].flatMap(([plant, count]) => new Array(count).fill(plant));
    this.done = [...before, ...kept];
  }
}

/** @param {any} one @param {any} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// How many edits both begin with.
/** @param {Edit[]} saved @param {Edit[]} edits */
function shared(saved, edits) {
  const differs = edits.findIndex((edit, at) => !same(edit, saved[at]));
  return differs < 0 ? edits.length : differs;
}

// What stands in `edits` behind all of `saved`; null when something of it was taken back.
/** @param {Edit[]} saved @param {Edit[]} edits */
function appended(saved, edits) {
  return same(edits.slice(0, saved.length), saved) ? edits.slice(saved.length) : null;
}

// The operations that a split makes carry its place among the edits in their id: -(place + 1) * 1000 - step.
/** @param {number} index @param {number} step */
export const born = (index, step) => -(index + 1) * BORN - step;
/** @param {number} id */
export const bornBy = (id) => (id < 0 ? { index: Math.floor(-id / BORN) - 1, step: -id % BORN } : null);

/** @param {Edit[]} edits @param {number} from @param {number} to */
function renumbered(edits, from, to) {
  return edits.map((edit) => moved(edit, (index) => (index >= from ? index - from + to : index)));
}

/** @param {Edit} edit @param {(index: number) => number} place */
function moved(edit, place) {
  /** @param {number} id */
  const id = (id) => {
    const source = bornBy(id);
    return source ? born(place(source.index), source.step) : id;
  };
  /** @type {Edit} */
  const found = { ...edit };
  if (typeof edit.op === "number") found.op = id(edit.op);
  if (edit.ops) found.ops = edit.ops.map((one) => (typeof one === "number" ? id(one) : { ...one, id: id(one.id) }));
  return found;
}
