// A scenario beside the plan: two boards, one time axis. What one shows in time, the other shows too.
import { Hands } from "./hands.js";
import { standing } from "./head.js";
import { read } from "./plan.js";
import { joined } from "./plants.js";
import { filled } from "./say.js";
import { Feed } from "./transport.js";
import { BoardView } from "./view.js";
import { decode } from "./wire.js";

export class Pair {
  /** @param {HTMLElement} box @param {any} view @param {any} address of the plant @param {import("./transport.js").Line} line @param {(error: Error) => void} failed */
  constructor(box, view, address, line, failed) {
    this.box = box;
    this.view = view;
    /** @type {any} */
    this.other = null;
    this.name = "";
    this.feed = new Feed(line, address.data, { take: (message) => this.take(message), failed });
  }
  /** @param {{id: number, name: string, url: string} | null} scenario */
  show(scenario) {
    this.box.hidden = !scenario;
    this.name = scenario?.name ?? "";
    this.feed.version = "";
    this.feed.scenario = scenario ? String(scenario.id) : "";
    if (scenario) {
      /** @type {HTMLAnchorElement} */ (this.part("beside-link")).href = scenario.url;
      this.feed.refresh();
    }
    this.view.resize();
  }
  // What it assumes beside is the plan of now: a report, a delivery or a plan that is published changes what it shows.
  refresh() { if (!this.box.hidden) this.feed.refresh(); }
  /** @param {string} name */
  part(name) { return /** @type {HTMLElement} */ (this.box.querySelector(`[data-is="${name}"]`)); }

  /** @param {any} message */
  take(message) {
    if (this.box.hidden) return;
    const plan = joined([decode(message)], read);
    if (this.other) this.other.take(plan);
    else this.begin(plan);
    const is = standing(plan);
    this.part("beside").textContent = this.name;
    this.part("beside-figures").textContent = is.late ? filled(this.view.say.late2, { count: is.late }) : this.view.say.lateNone;
    this.other.resize();
  }
  /** @param {any} plan */
  begin(plan) {
    const { view } = this;
    const canvas = /** @type {HTMLCanvasElement} */ (this.box.querySelector("canvas"));
    const other = new BoardView(canvas, plan, view.say);
    this.other = other;
    other.scale = view.scale;
    other.layout.isWeek = view.scale.isWeek;
    other.colour = view.colour;
    other.theme(view.isDark);
    const nothing = () => {};
    new Hands(other, /** @type {HTMLElement} */ (canvas.parentElement), null, {
      hover: nothing, select: nothing, looked: nothing, chooseOrder: nothing,
      choose: (/** @type {number | null} */ op) => other.choose(op),
    });
    const [mine, its] = [follow(view, other), follow(other, view)];
    Object.assign(view, { redraw: mine });
    Object.assign(other, { redraw: its });
    new ResizeObserver(() => other.resize()).observe(/** @type {Element} */ (canvas.parentElement));
  }
}

// Whatever makes one draw anew makes the other do so too.
/** @param {any} one @param {any} other */
function follow(one, other) {
  const own = one.redraw.bind(one);
  const its = other.redraw.bind(other);
  return () => {
    own();
    other.colour = one.colour;
    if (other.layout.isWeek !== other.scale.isWeek) {
      other.layout.isWeek = other.scale.isWeek;
      other.layout.lay();
    }
    its();
  };
}
