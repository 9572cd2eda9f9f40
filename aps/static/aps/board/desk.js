// What the planner works on: plans of one or several plants, the drafts over them, the engine's word about each. Without a page.
import { landed } from "./lift.js";
import { NOWHERE, joinedMoves, lies, overlay } from "./overlay.js";
import { read } from "./plan.js";
import { joined } from "./plants.js";
import { Shelf } from "./shelf.js";
import { apart, local } from "./splits.js";
import { State } from "./state.js";
import { Effects, Feed, Keeper } from "./transport.js";
import { decode, merge } from "./wire.js";

/** @typedef {{id: number, code: string, name: string, data: string, draft: string, effect: string}} Address of one plant */

const MOST_KNOWN = 60;

export class Desk {
  /**
   * @param {Address[]} plants @param {import("./transport.js").Line} line
   * @param {{plan: () => void, tried: (answer: any, moved: Map<number, any>) => void, draft: () => void, resumed: () => void, refused: (texts: string[]) => void, failed: (error: Error, what: string) => void}} on
   * @param {Shelf} [shelf] where unsaved steps lie
   */
  constructor(plants, line, on, shelf = new Shelf(null, "")) {
    this.on = on;
    this.shelf = shelf;
    this.state = new State(plants.map((one) => one.id));
    this.plants = plants.map((one) => this.desk(one, line));
    this.isHeld = false;
    this.isDue = false;
    /** @type {any} the published plan */
    this.base = null;
    /** @type {any} with the drafts */
    this.plan = null;
  }
  /** @param {Address} one @param {import("./transport.js").Line} line */
  desk(one, line) {
    const failed = (/** @type {string} */ what) => (/** @type {Error} */ error) => this.on.failed(error, what);
    /** @type {any} */
    const desk = { ...one, held: null, moved: NOWHERE, away: [], said: null, figures: null, change: null, known: new Map() };
    desk.feed = new Feed(line, one.data, { take: (message) => this.take(desk, message), failed: failed("plan") });
    desk.keeper = new Keeper(line, one.draft, this.state, one.id, { changed: () => this.draftCame(desk), failed: failed("draft"), dropped: (text) => this.on.refused([text]) });
    desk.trials = new Effects(line, one.effect, (answer, asked) => this.tried(desk, answer, asked), failed("effect"));
    desk.whole = new Effects(line, one.effect, (answer, asked) => this.judged(desk, answer, asked), failed("effect"));
    return desk;
  }
  /** @param {number} plant */
  of(plant) { return this.plants.find((one) => one.id === plant); }

  start() {
    for (const desk of this.plants) {
      desk.feed.refresh();
      if (!desk.draft) continue;
      const kept = this.shelf.found(desk.id);
      desk.isResumed = kept !== null;
      if (kept) this.state.resume(desk.id, kept);
      desk.keeper.load();
    }
  }
  refresh() { for (const desk of this.plants) desk.feed.refresh(); }
  // Somebody saved or published: whose changes there are, and whether mine still stand.
  drafts() { for (const desk of this.plants) if (desk.draft) desk.keeper.load(); }
  hurry() {
    for (const desk of this.plants) {
      desk.feed.hurry();
      if (desk.draft) desk.keeper.load();
    }
  }

  /** @param {any} desk @param {any} message */
  take(desk, message) {
    const wasNo = desk.held?.plan?.no;
    desk.held = message.kind === "delta" && desk.held ? merge(desk.held, message) : decode(message);
    this.compose();
    if (wasNo !== desk.held.plan?.no) for (const one of this.plants) if (one.effect && (one === desk || this.sends(one).has(desk.id))) this.ask(one);
  }
  // While something hangs at the hand the board stands still; what came meanwhile is shown after it.
  hold(/** @type {boolean} */ isHeld) {
    this.isHeld = isHeld;
    if (!isHeld && this.isDue) this.compose();
  }
  compose() {
    this.isDue = true;
    if (this.isHeld || this.plants.some((desk) => !desk.held)) return;
    this.isDue = false;
    this.base = joined(this.plants.map((desk) => desk.held), read);
    this.lay();
  }
  lay() {
    this.plan = overlay(this.base, this.plants.map((desk) => laid(desk, this.state.draft(desk.id).edits)));
    this.on.plan();
  }

  // ---- The draft ----
  // Something was changed that the server does not have yet.
  get isUnsaved() { return this.plants.some((one) => this.state.draft(one.id).isDirty && this.mayEdit(one.id)); }
  /** @param {number} plant */
  mayEdit(plant) { return Boolean(this.of(plant)?.effect) && this.state.draft(plant).canEdit; }
  // Until the engine has judged the whole, everything stands as it is `shown`; what is put down stands where it was put,
  // unless the engine has answered for that very place.
  /** @param {number} plant @param {any} given with ids as the board has them @param {Map<number, any>} [shown] where the hand shows what moves */
  add(plant, given, shown) {
    const desk = this.of(plant);
    const edit = local(given);
    const isSaid = shown && this.isSaid(plant, given);
    desk.moved = joinedMoves(desk.moved, isSaid ? shown : new Map([...(shown ?? []), ...landed(this.plan, given)]), this.plan);
    this.state.add(plant, edit);
    desk.trials.forget();
    this.lay();
    this.changed(plant);
  }
  // Whether the engine's last word on a trial is about this one.
  /** @param {number} plant @param {any} given */
  isSaid(plant, given) { return this.of(plant).said === JSON.stringify([this.state.draft(plant).edits, local(given)]); }
  undo() { this.changed(this.state.undo()); }
  redo() { this.changed(this.state.redo()); }
  /** @param {number | null} plant */
  changed(plant) {
    if (plant === null) return;
    const desk = this.of(plant);
    this.recall(desk);
    this.shelf.keep(this.state.draft(plant));
    desk.keeper.save();
    this.ask(desk);
    this.on.draft();
  }
  // Where a draft that was judged before puts everything is known: undo and redo need not wait.
  /** @param {any} desk */
  recall(desk) {
    const known = desk.known.get(this.keyOf(desk));
    if (!known || !this.base) return;
    Object.assign(desk, known);
    this.lay();
  }
  /** @param {any} desk */
  keyOf(desk) { return JSON.stringify([desk.held?.plan?.no, this.state.draft(desk.id).edits]); }
  /** @param {any} desk */
  draftCame(desk) {
    const draft = this.state.draft(desk.id);
    if (desk.isResumed) this.resumed(desk, draft);
    this.shelf.keep(draft);
    this.ask(desk);
    this.on.draft();
  }
  // The server has said what it has: what lay in the browser stands behind it, for whoever may still change the plan.
  /** @param {any} desk @param {import("./state.js").Draft} draft */
  resumed(desk, draft) {
    desk.isResumed = false;
    if (!draft.canEdit) draft.edits = [...draft.saved];
    else if (draft.isDirty) this.on.resumed();
  }
  /** @param {number[]} plants not all of them need be on the board */
  published(plants) {
    for (const desk of this.plants.filter((one) => plants.includes(one.id))) {
      this.state.clear(desk.id);
      this.shelf.keep(this.state.draft(desk.id));
      Object.assign(desk, { moved: NOWHERE, away: [] });
      desk.keeper.load();
      desk.feed.refresh();
    }
    this.on.draft();
  }

  // ---- The engine ----
  // Plants that the draft sends lines to: their plans are part of the question.
  /** @param {any} desk @returns {Map<number, number | undefined>} */
  sends(desk) {
    const ids = this.state.draft(desk.id).edits.flatMap((edit) => (edit.do === "plant" ? [edit.plant] : []));
    return new Map(ids.map((id) => [id, this.of(id)?.held?.plan?.no]));
  }
  /** @param {any} desk */
  ask(desk) {
    if (desk.effect) desk.whole.want({ edits: [...this.state.draft(desk.id).edits], trial: null, plan_no: desk.held?.plan?.no, others: [...this.sends(desk).values()] });
  }
  /** @param {number} plant @param {any} trial */
  try(plant, trial) { this.of(plant).trials.want({ edits: [...this.state.draft(plant).edits], trial: local(trial), places: false }); }
  forget() { for (const desk of this.plants) desk.trials.forget(); }
  /** @param {any} desk @param {any} answer @param {any} asked */
  tried(desk, answer, asked) {
    desk.said = JSON.stringify([asked.edits, asked.trial]);
    this.on.tried(answer, lies(this.plan, apart(answer.trial || NOWHERE, this.plants.indexOf(desk))));
  }
  /** @param {any} desk @param {any} answer @param {any} asked */
  judged(desk, answer, asked) {
    desk.known.set(JSON.stringify([asked.plan_no, asked.edits]), { moved: answer.moved, away: answer.away });
    if (desk.known.size > MOST_KNOWN) desk.known.delete(desk.known.keys().next().value);
    if (JSON.stringify(asked.edits) !== JSON.stringify(this.state.draft(desk.id).edits)) return;
    Object.assign(desk, { moved: answer.moved, away: answer.away, figures: answer.figures, change: answer.effect });
    const refused = answer.refused.filter((/** @type {any} */ one) => Number.isInteger(one.edit));
    if (refused.length) {
      this.state.drop(desk.id, refused.map((/** @type {any} */ one) => one.edit));
      this.on.refused(refused.map((/** @type {any} */ one) => one.text));
      this.changed(desk.id);
    }
    if (desk.held && answer.plan_no !== desk.held.plan?.no) desk.feed.refresh();
    if (this.base && !this.isHeld) this.lay();
    else this.isDue = true;
    this.on.draft();
  }

  // ---- Names of things ----
  /** @param {number} op */
  plantOf(op) { return this.plan.plants[this.plan.machines[this.plan.machine[op]].plant ?? 0].id; }
  /** @param {number[]} ids */
  machines(ids) {
    const wanted = new Set(ids);
    return new Set(this.plan.machines.flatMap((/** @type {any} */ one, /** @type {number} */ index) => (wanted.has(one.id) ? [index] : [])));
  }
  /** @param {number | string} order its id or number */
  opsOf(order) { return this.plan.orders.find((/** @type {any} */ one) => one.id === order || one.number === order)?.ops ?? []; }
}

// Without changes the published plan is shown as it is, also when the engine would begin some work a little later by now.
/** @param {any} desk @param {any[]} edits */
const laid = ({ moved, away }, edits) => ({ moved: edits.length ? moved : NOWHERE, away: edits.length ? away : [], edits });
