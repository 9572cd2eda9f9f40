// Holds work over the board: asks for the effect of each place it is held at, shows it, puts it down. Mouse, touch and
// keys move the same hand.
import { edit, endOf, held, lanes, nextLane, snapped, together, workOf } from "./lift.js";

export class Hand {
  /**
   * @param {any} view @param {import("./desk.js").Desk} desk
   * @param {{shown: (hand: Hand, answer: any) => void, hidden: () => void, refused: (why: string, op: number) => void}} on
   */
  constructor(view, desk, on) {
    this.view = view;
    this.desk = desk;
    this.on = on;
    /** @type {any} what is held: see view.drag */
    this.held = null;
    this.grip = 0;
    this.byKeys = this.byTouch = false;
    /** the engine could not be asked */
    this.isCut = false;
    /** @type {any} */
    this.answer = null;
  }
  get plan() { return this.view.plan; }
  // Whether the answer is about where it is held now.
  get isSettled() { return Boolean(this.answer) && this.desk.isSaid(this.desk.plantOf(this.held.ops[0]), edit(this.plan, this.held)); }
  // Where the engine begins what is held, `start` to `run` is its setup; null: it has not said so yet.
  get lies() {
    if (!this.isSettled) return null;
    const { plan, held: { ops: [op], moved } } = this;
    return moved.get(op) ?? { machine: plan.machine[op], start: plan.start[op], run: plan.run[op], end: plan.end[op] };
  }

  // Why the operation cannot be lifted; empty: it can.
  /** @param {number} op */
  why(op) {
    if (!this.desk.mayEdit(this.desk.plantOf(op))) return "closed";
    return held(this.plan, op);
  }

  /** @param {number} op @param {{x: number, y: number, isTouch?: boolean}} at where it is gripped, and by a finger or not @param {boolean} [byKeys] */
  lift(op, at, byKeys = false) {
    const why = this.why(op);
    if (why) {
      this.on.refused(why, op);
      return false;
    }
    const { plan, view } = this;
    const ops = together(plan, op, view.selected ?? new Set());
    this.grip = byKeys ? 0 : view.scale.time(at.x) - plan.start[op];
    this.byKeys = byKeys;
    this.byTouch = Boolean(at.isTouch);
    this.answer = null;
    this.isCut = false;
    this.held = {
      ops, machine: plan.machine[op], at: plan.start[op], minutes: plan.end[op] - plan.start[op], x: at.x, y: at.y,
      isLegal: true, isPin: false, legal: lanes(plan, op), moved: new Map(), late: new Set(),
    };
    view.drag = this.held;
    view.redraw();
    if (byKeys) this.ask();
    return true;
  }

  // The pointer is here; Alt held: exactly there.
  /** @param {number} x @param {number} y @param {boolean} isPin */
  move(x, y, isPin) {
    const place = this.view.placeAt(y);
    const machine = place?.kind === "machine" ? place.machine : null;
    this.put(machine, snapped(this.view.scale.time(x) - this.grip), { x, y, isPin });
  }

  /** @param {number} minutes @param {number} lane */
  step(minutes, lane) {
    const { held: is, view } = this;
    const machine = lane ? nextLane(is, lane) : is.machine;
    const at = minutes ? snapped(is.at + minutes) : is.at;
    view.reveal(machine);
    if (at < view.scale.from || at > view.scale.until - 30) view.show(at, 0.4);
    this.put(machine, at, { isPin: is.isPin });
    Object.assign(is, { x: view.scale.x(at) + 6, y: view.y(view.layout.placeOf[machine]) + 8 });
  }

  pin() { this.put(this.held.machine, this.held.at, { isPin: !this.held.isPin }); }

  /** @param {number | null} machine @param {number} at @param {any} more */
  put(machine, at, more) {
    const { held: is, plan } = this;
    const isSame = machine === is.machine && at === is.at && more.isPin === is.isPin;
    Object.assign(is, { machine, at }, more);
    is.isLegal = machine !== null && is.legal.has(machine);
    if (is.isLegal && machine !== null) {
      const [op] = is.ops;
      is.minutes = endOf(plan, machine, at, workOf(plan, op)) - at;
    }
    if (!isSame) this.ask();
    if (!is.isLegal) this.nothing();
    this.view.redraw();
    this.on.shown(this, this.answer);
  }

  // Where it cannot go it has no effect: what the lane before would have brought is gone.
  nothing() {
    this.answer = null;
    Object.assign(this.held, { moved: new Map(), late: new Set() });
  }

  ask() {
    const { held: is } = this;
    if (is.isLegal) this.desk.try(this.desk.plantOf(is.ops[0]), edit(this.plan, is));
    else this.desk.forget();
  }

  /** @param {any} answer @param {Map<number, any>} moved by operation */
  answered(answer, moved) {
    const { held: is } = this;
    if (!is) return;
    this.answer = answer;
    this.isCut = false;
    if (answer.legal?.machines?.length) is.legal = this.desk.machines(answer.legal.machines);
    is.moved = moved;
    is.late = new Set(answer.effect.late.flatMap((/** @type {any} */ one) => this.desk.opsOf(one.order)));
    this.view.redraw();
    this.on.shown(this, answer);
  }

  // Nobody answers: it is put down all the same, and judged later.
  cut() {
    this.isCut = true;
    this.on.shown(this, this.answer);
  }

  // Put down where it is held; false: it stays where it was.
  drop() {
    const is = this.held;
    if (!is) return false;
    const [op] = is.ops;
    const isMoved = is.machine !== this.plan.machine[op] || Math.abs(is.at - this.plan.start[op]) >= 3 || is.isPin;
    const isDone = is.isLegal && isMoved;
    this.end();
    if (isDone) this.desk.add(this.desk.plantOf(op), edit(this.plan, is), is.moved);
    return isDone;
  }

  cancel() {
    if (!this.held) return;
    this.end();
    this.desk.forget();
  }

  end() {
    this.held = null;
    this.view.drag = null;
    this.view.redraw();
    this.on.hidden();
  }
}
