// The page around the canvas: joins desk, view, hands, panel and dialogs. What each does is theirs; here they meet.
import { bind } from "./bind.js";
import { sentence, showBubble } from "./bubble.js";
import { showCard } from "./card.js";
import { Desk } from "./desk.js";
import { ghostsOf } from "./ghosts.js";
import { Hand } from "./hand.js";
import { heading } from "./head.js";
import { legend } from "./legend.js";
import { Lookout, arrive } from "./lookout.js";
import { opening } from "./opening.js";
import { Panel } from "./panel.js";
import { filled } from "./say.js";
import { PRESETS } from "./scale.js";
import { Shelf } from "./shelf.js";
import { Sieve } from "./sieve.js";
import { fill } from "./table.js";
import { Refused } from "./transport.js";
import { BoardView } from "./view.js";
import { say as note } from "../../suite/notes.js";

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const told = (/** @type {string} */ id) => JSON.parse(element(id).textContent || "");

// A browser may keep its store to itself.
const store = () => { try { return localStorage; } catch { return null; } };

export class Board {
  constructor() {
    this.page = element("board");
    this.stage = element("board-stage");
    this.say = told("board-words");
    this.config = told("board-config");
    this.token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
    this.line = { fetch: (/** @type {any} */ url, /** @type {any} */ options) => fetch(url, options), token: () => this.token, sleep: (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
    this.desk = new Desk(this.config.plants, /** @type {any} */ (this.line), {
      plan: () => this.planned(), tried: (answer, moved) => this.hand.answered(answer, moved), draft: () => this.drafted(), resumed: () => note(this.say.resumed, "info"),
      refused: (texts) => note(filled(this.say.refused, { texts: texts.join(" ") }), "warning"), failed: (error, what) => this.failed(error, what),
    }, new Shelf(store(), this.config.person));
    /** @type {any} */
    this.hand = null;
    this.isCompared = false;
    this.isTable = false;
    this.wasOpen = this.wasWeek = false;
    /** @type {Record<string, number>} */
    this.presets = PRESETS;
    this.note = element("board-note");
    /** @type {any} */
    this.view = null;
    /** @type {any} */
    this.sieve = this.panel = this.lookout = this.hands = this.people = this.besides = null;
    /** @type {any} what the buttons do, see bind.js */
    this.deeds = {};
    this.pressedKey = (/** @type {KeyboardEvent} */ _event) => {};
    this.seen = Date.now();
  }
  part(/** @type {string} */ name) { return /** @type {HTMLElement} */ (this.page.querySelector(`[data-is="${name}"]`)); }

  // ---- What the desk says ----
  planned() {
    const { desk } = this;
    const isFirst = !this.view;
    if (isFirst) this.begin();
    else this.taken();
    this.seen = Date.now();
    this.part("trouble").textContent = "";
    this.people.follow(desk.plants, this.view.plan.first, this.view.plan.last);
    this.sieve.offer();
    this.ghosts();
    if (isFirst) this.open();
    this.show();
    if (!desk.plan.count) this.tell(this.say.empty);
    else if (!this.note.classList.contains("is-quiet")) this.note.hidden = true;
  }
  begin() {
    const { desk, say } = this;
    this.view = new BoardView(/** @type {HTMLCanvasElement} */ (element("board-canvas")), desk.plan, say);
    /** @type {any} */ (globalThis).board = this.view;
    this.view.selected = null;
    this.panel = new Panel(element("board-panel"), this.view, desk);
    this.sieve = new Sieve(element("board-filter"), element("board-none"), this.view, () => { this.sieve.apply(); this.looked(); this.show(); });
    this.lookout = new Lookout(this.view, () => ({ isOnly: Boolean(this.view.layout.only), besides: this.besides?.ids ?? [], isCompared: this.isCompared, isTable: this.isTable, filter: this.sieve.filter }));
    this.hand = new Hand(this.view, desk, { shown: (hand, answer) => this.held(hand, answer), hidden: () => this.freed(), refused: (why, op) => this.stays(why, op) });
    bind(this);
  }
  // What is selected stays selected where it still is.
  taken() {
    const { view, desk } = this;
    const ids = [...(view.selected ?? [])].map((op) => view.plan.id[op]);
    view.take(desk.plan);
    view.selected = ids.length ? new Set(ids.map((id) => desk.plan.at.get(id)).filter((op) => op !== undefined)) : null;
    this.panel.stale();
  }
  open() {
    const { view } = this;
    view.resize();
    const wish = this.lookout.wish();
    this.sieve.set(wish.filter);
    this.sieve.apply();
    const isThere = arrive(view, wish);
    this.isCompared = wish.isCompared;
    this.ghosts();
    const order = wish.order === null ? undefined : view.plan.orders.find((/** @type {any} */ one) => one.id === wish.order);
    const op = wish.op === null ? undefined : view.plan.at.get(wish.op);
    if (order?.ops.length) this.bring(order.ops[0]);
    else if (op !== undefined) wish.time === null ? this.bring(op) : this.choose(op);
    else if (!isThere) this.openThere();
    if (wish.isOnly) this.deeds.focus();
    if (wish.isTable) this.table();
    if (wish.besides.length) this.besides?.show(wish.besides);
  }
  // At now, or where the next work begins; the note about it leaves with the first movement.
  openThere() {
    const { time, share, from } = opening(this.view.plan, this.view.scale);
    this.view.show(time, share);
    if (from === null) return;
    this.tell(this.say.opensAt.replace("%(when)s", this.view.zone.when(from)), true);
    const leave = () => { if (this.note.classList.contains("is-quiet")) this.note.hidden = true; };
    for (const kind of ["pointerdown", "wheel", "keydown"]) this.page.addEventListener(kind, leave, { once: true, passive: true });
  }
  drafted() { if (this.view) this.show(); }
  /** @param {Error} error @param {string} what */
  failed(error, what) {
    const { say } = this;
    if (error instanceof Refused && [401, 403, 404].includes(error.status)) this.part("trouble").textContent = say.lostRight;
    else if (what === "plan") this.part("trouble").textContent = this.view ? filled(say.offline, { when: this.view.zone.clock((this.seen - this.view.zone.epoch) / 60000) }) : say.failed;
    else if (what === "draft") this.part("trouble").textContent = error instanceof Refused && error.status < 500 ? filled(say.draftRefused, { text: error.message }) : say.draftFailed;
    else if (this.hand?.held) this.hand.cut();
    else if (!(error instanceof Refused) || error.edit === undefined) this.part("trouble").textContent = error instanceof Refused && error.status < 500 ? error.message : say.effectFailed;
    if (!this.view) this.tell(say.failed);
  }
  tell(/** @type {string} */ text, isQuiet = false) {
    this.note.textContent = text;
    this.note.classList.toggle("is-quiet", isQuiet);
    this.note.hidden = false;
  }

  // ---- What is shown ----
  show() {
    const { view, page } = this;
    view.isDraft = this.desk.state.count > 0;
    const isOpen = this.panel.show();
    if (page.classList.toggle("has-panel", isOpen) !== this.wasOpen) {
      this.wasOpen = isOpen;
      view.resize();
    }
    heading(page, view, this.desk);
    this.besides?.compare(this.isCompared);
    this.legend();
    if (this.isTable) this.rows();
    this.pressed();
    view.redraw();
  }
  legend() {
    this.wasWeek = this.view.scale.isWeek;
    legend(element("board-legend"), this.view);
  }
  pressed() {
    const { view, page } = this;
    for (const button of page.querySelectorAll("[data-preset]")) button.setAttribute("aria-pressed", String(Math.abs(view.scale.perHour - this.presets[/** @type {HTMLElement} */ (button).dataset.preset || ""]) < 0.01));
    for (const [deed, is] of Object.entries({ compare: this.isCompared, table: this.isTable })) page.querySelector(`[data-do="${deed}"]`)?.setAttribute("aria-pressed", String(is));
    /** @type {HTMLSelectElement} */ (page.querySelector("[data-pick=colour]")).value = view.colour ?? "late";
  }
  rows() {
    const on = { choose: (/** @type {number} */ op) => this.choose(op), move: (/** @type {number} */ op) => this.deeds.moveOne(op), mayMove: (/** @type {number} */ op) => !this.hand.why(op) };
    fill(element("board-table"), this.view, on);
  }
  looked() {
    if (this.wasWeek !== this.view.scale.isWeek) this.legend();
    this.lookout.moved();
    if (this.isTable) this.rows();
    this.pressed();
  }
  // Published places behind the draft's, of what the draft has moved.
  ghosts() {
    this.view.ghosts = this.isCompared ? ghostsOf(this.view.plan, this.desk.base) : null;
  }

  // ---- Choosing ----
  /** @param {number | null} op */
  choose(op) {
    const { view, stage, say } = this;
    view.choose(op);
    view.selected = null;
    showCard(element("board-card"), view, null);
    const order = op === null ? null : view.plan.orders[view.plan.order[op]];
    stage.setAttribute("aria-description", op === null ? "" : `${order.number || say.stock}, ${view.plan.name[op]}, ${view.plan.machines[view.plan.machine[op]].code}, ${view.zone.when(view.plan.start[op])}`);
    this.show();
    if (op !== null) this.keep(op);
    this.looked();
  }
  // The panel that opens must not hide what was chosen, beside the board or over it.
  /** @param {number} op */
  keep(op) {
    const { view } = this;
    const panel = element("board-panel");
    const beside = view.width - (getComputedStyle(panel).position === "absolute" ? panel.offsetWidth : 0);
    const room = beside > view.scale.left ? beside : view.width; // on a phone it lies under the lanes
    const x = view.scale.x(view.plan.start[op]);
    if (x > room - 60 && x < view.width + 400) view.pan(x - room * 0.6, 0);
  }
  /** @param {Set<number> | null} selected */
  select(selected) {
    const { view } = this;
    if (view.chosenOp !== null) view.choose(null);
    view.selected = selected?.size ? selected : null;
    if (view.selected?.size === 1) this.choose([...view.selected][0]);
    else this.show();
    this.looked();
  }
  /** @param {number} op */
  bring(op) {
    this.choose(op);
    this.view.show(this.view.plan.start[op], 0.3);
    this.view.reveal(this.view.plan.machine[op]);
  }
  // What deeds are about: the selection, else the chosen operation.
  get subject() {
    const { selected, chosenOp } = this.view;
    return selected?.size ? [...selected] : chosenOp === null ? [] : [chosenOp];
  }

  // ---- What hangs at the hand ----
  held(/** @type {Hand} */ hand, /** @type {any} */ answer) {
    this.desk.hold(true);
    showBubble(element("board-bubble"), hand, answer);
    if (hand.byKeys) this.speak(sentence(hand, answer));
    showCard(element("board-card"), this.view, null, 0, 0);
  }
  freed() {
    element("board-bubble").hidden = true;
    this.desk.hold(false);
  }
  stays(/** @type {string} */ why, /** @type {number} */ op) {
    const { say, view } = this;
    const text = /** @type {Record<string, string>} */ ({ running: say.isRunning, frozen: say.isFrozen, pinned: say.isPinned, closed: say.isClosed, leaves: say.isLeaving, comes: say.isComing })[why];
    this.speak(text);
    showCard(element("board-card"), view, op, view.scale.x(view.plan.start[op]), view.y(view.layout.placeOf[view.plan.machine[op]]));
    note(text, "info");
  }
  speak(/** @type {string} */ text) { element("board-said").textContent = text; }
  table() { this.deeds.table(); }
}

new Board().desk.start();
