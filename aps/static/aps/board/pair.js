// A scenario beside the plan: a board of its own to look at, under a head that says how it stands to the plan.
import { signed } from "./bubble.js";
import { showCard } from "./card.js";
import { ghostsOf } from "./ghosts.js";
import { Hands } from "./hands.js";
import { standing } from "./head.js";
import { read } from "./plan.js";
import { joined } from "./plants.js";
import { filled } from "./say.js";
import { Feed } from "./transport.js";
import { BoardView } from "./view.js";
import { decode } from "./wire.js";
import { duration } from "./zone.js";

/** @typedef {{id: number, name: string, url: string}} Scenario */

/**
 * How a scenario stands to the plan, in words: orders late, setup, what begins elsewhere. Pure.
 * @param {any} plan @param {any} base the plan @param {number} moved @param {any} say
 */
export function figures(plan, base, moved, say) {
  /** @param {number} by @param {(value: number) => string} words */
  const against = (by, words) => (by ? ` (${signed(by, words)})` : "");
  const late = standing(plan).late;
  const found = [`${late ? filled(say.late2, { count: late }) : say.lateNone}${against(late - standing(base).late, String)}`];
  const { setup_min: setup } = plan.data;
  if (setup !== null && setup !== undefined) found.push(`${filled(say.besideSetup, { time: duration(setup) })}${against(setup - (base.data.plan?.setup_min ?? setup), duration)}`);
  return [...found, filled(say.besideMoved, { count: moved })].join(", ");
}

export class Pair {
  /**
   * @param {HTMLElement} box @param {any} first the board of the plan @param {Scenario} scenario
   * @param {{data: string, line: import("./transport.js").Line, group: import("./aligned.js").Group, choose: (id: number) => boolean, looked: () => void, came: () => void, failed: (error: Error) => void}} on
   */
  constructor(box, first, scenario, on) {
    this.box = box;
    this.first = first;
    this.scenario = scenario;
    this.on = on;
    /** @type {any} */
    this.view = null;
    this.sizes = new ResizeObserver(() => this.view?.resize());
    this.isOpen = true;
    this.isMarked = false;
    /** @type {{plan: any, base: any, elsewhere: Map<number, any>}} */
    this.compared = { plan: null, base: null, elsewhere: new Map() };
    this.feed = new Feed(on.line, on.data, { take: (message) => this.take(message), failed: on.failed });
    this.feed.scenario = String(scenario.id);
    this.part("beside").textContent = scenario.name;
    /** @type {HTMLAnchorElement} */ (this.part("beside-link")).href = scenario.url;
    box.setAttribute("aria-label", `${box.getAttribute("aria-label")}: ${scenario.name}`);
    this.feed.refresh();
  }
  // What it assumes beside is the plan of now: a report, a delivery or a plan that is published changes what it shows.
  refresh() { this.feed.refresh(); }
  close() {
    this.isOpen = false;
    this.sizes.disconnect();
    if (this.view) this.on.group.remove(this.view);
    this.box.remove();
  }
  /** @param {string} name */
  part(name) { return /** @type {HTMLElement} */ (this.box.querySelector(`[data-is="${name}"]`)); }

  /** @param {any} message */
  take(message) {
    if (!this.isOpen) return;
    const plan = joined([decode(message)], read);
    if (this.view) this.view.take(plan);
    else this.begin(plan);
    this.on.came();
    this.view.resize();
    this.view.redraw();
  }
  /** How it stands to the plan, which may have changed. @param {boolean} [isMarked] what stands elsewhere is marked */
  compare(isMarked = this.isMarked) {
    const { view, first } = this;
    this.isMarked = isMarked;
    if (!view) return;
    if (this.compared.plan !== view.plan || this.compared.base !== first.plan) this.compared = { plan: view.plan, base: first.plan, elsewhere: ghostsOf(view.plan, first.plan) };
    this.part("beside-figures").textContent = figures(view.plan, first.plan, this.compared.elsewhere.size, first.say);
    view.ghosts = isMarked ? this.compared.elsewhere : null;
  }

  /** @param {any} plan */
  begin(plan) {
    const { first, on } = this;
    const canvas = /** @type {HTMLCanvasElement} */ (this.box.querySelector("canvas"));
    const view = new BoardView(canvas, plan, first.say);
    this.view = view;
    view.hasMap = false;
    view.theme(first.isDark);
    view.resize();
    on.group.add(view);
    const nothing = () => {};
    const card = /** @type {HTMLElement} */ (this.box.querySelector(".board-card"));
    const choose = (/** @type {number | null} */ op) => { if (op === null || !on.choose(view.plan.id[op])) view.choose(op); };
    new Hands(view, /** @type {HTMLElement} */ (canvas.parentElement), null, {
      hover: (/** @type {number | null} */ op, /** @type {number} */ x, /** @type {number} */ y) => showCard(card, view, op ?? null, x, y),
      select: nothing, looked: on.looked, choose,
      chooseOrder: (/** @type {number} */ order) => { const { ops } = view.plan.orders[order]; if (ops.length) choose(ops[ops.length - 1]); },
    });
    this.sizes.observe(/** @type {Element} */ (canvas.parentElement));
  }
}
