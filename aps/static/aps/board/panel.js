// What is chosen, beside the board: the order with its chain, the operation, or how much is selected.
import { held, isSplittable } from "./lift.js";
import { pieces } from "./plan.js";
import { filled, several } from "./say.js";
import { own } from "./splits.js";
import { duration } from "./zone.js";

/** @typedef {"order" | "why"} Part fetched from the server */

const MOST = 12;

export class Panel {
  /** @param {HTMLElement} element @param {any} view @param {import("./desk.js").Desk} desk */
  constructor(element, view, desk) {
    this.element = element;
    this.view = view;
    this.desk = desk;
    this.parts = { order: this.box("board-order"), why: this.box("board-why") };
    /** what each part was last asked for, and what it shows */
    this.asked = { order: "", why: "" };
    this.shown = { order: "", why: "" };
    /** @type {Set<Part>} asked again when the panel is shown next, whatever they show */
    this.due = new Set();
    this.parts.why.addEventListener("htmx:afterSwap", () => this.number());
    for (const which of /** @type {Part[]} */ (["order", "why"])) this.listen(which);
    addEventListener("online", () => { if (this.due.size) this.show(); });
  }
  // The chain's numbers stand on the bars too.
  number() {
    const { view } = this;
    const links = [...this.box("board-why").querySelectorAll("[data-chain] > li[data-op]")];
    const places = links.map((link, index) => [view.plan.at.get(Number(/** @type {HTMLElement} */ (link).dataset.op)), String(index + 1)]);
    view.numbers = view.chosenOp === null ? null : new Map(/** @type {[number, string][]} */ (places.filter(([op]) => op !== undefined)));
    view.cause = view.chosenOp === null ? null : this.cause(links);
    view.redraw();
  }
  // The material that all of the chain waits for.
  /** @param {Element[]} links */
  cause(links) {
    const { plan, zone, say } = this.view;
    const link = /** @type {HTMLElement | undefined} */ (links.filter((one) => one.hasAttribute("data-until")).pop());
    const op = link && plan.at.get(Number(link.dataset.op));
    if (op === undefined) return null;
    const time = (Date.parse(link?.dataset.until ?? "") - zone.epoch) / 60000;
    return { op, time, text: `${say.materialReady} ${zone.when(time)}` };
  }
  /** @param {string} id */
  box(id) { return /** @type {HTMLElement} */ (this.element.querySelector(`#${id}`)); }
  /** @param {HTMLElement} box @param {string} name @param {string} text */
  write(box, name, text) { /** @type {HTMLElement} */ (box.querySelector(`[data-part="${name}"]`)).textContent = text; }

  // Shows what is chosen now; parts of the server are fetched when they are about something else than before.
  show() {
    const { chosenOp: op, selected } = this.view;
    const isMany = selected?.size > 1;
    if (op === null) this.view.numbers = this.view.cause = null;
    this.box("board-many").hidden = !isMany;
    this.box("board-order").hidden = isMany;
    this.box("board-op").hidden = isMany || op === null;
    if (isMany) this.many(selected);
    else if (op !== null) this.one(op);
    this.tools(isMany ? [...selected] : op === null ? [] : [op]);
    return isMany || op !== null;
  }
  // What was fetched may have changed.
  stale() { this.due = new Set(/** @type {Part[]} */ (["order", "why"])); }

  /** @param {number} op */
  one(op) {
    const { view, desk } = this;
    const { plan, zone, say } = view;
    const order = plan.orders[plan.order[op]];
    const address = desk.of(desk.plantOf(op));
    const box = this.box("board-op");
    box.classList.toggle("is-alone", order.id === null);
    this.write(box, "name", plan.name[op]);
    this.write(box, "machine", plan.machines[plan.machine[op]].code);
    this.write(box, "what", [...(order.id === null ? [say.stock] : []), plan.work_order[op], plan.title[op], several(say, "pieces", plan.quantity[op])].filter(Boolean).join(" · "));
    this.write(box, "times", `${zone.when(plan.start[op])} – ${zone.when(plan.end[op])}`);
    this.write(box, "was", this.was(op));
    const why = held(plan, op);
    const mark = /** @type {HTMLElement} */ (box.querySelector("[data-part=held]"));
    mark.hidden = !why;
    mark.textContent = why ? { running: say.running, frozen: say.frozen, pinned: say.pinned, leaves: say.leaves, comes: say.comes }[why] : "";
    this.fetch("order", order.id === null ? "" : address.panel.replace("/0/", `/${order.id}/`));
    this.fetch("why", plan.comes?.[op] ? "" : this.whyOf(address, own(plan.id[op])));
  }
  // Once a draft is kept, it is explained with the draft: the version asks anew.
  /** @param {any} address @param {number} id */
  whyOf(address, id) {
    const { version, saved } = this.desk.state.draft(address.id);
    return `${address.why.replace("/0/", `/${id}/`)}${saved.length ? `?draft=${version}` : ""}`;
  }
  // Where it was in the published plan, when the draft has moved it.
  /** @param {number} op */
  was(op) {
    const { base } = this.desk;
    const { plan, zone, say } = this.view;
    const before = base.at.get(plan.id[op]);
    if (before === undefined || (base.start[before] === plan.start[op] && base.machine[before] === plan.machine[op])) return "";
    return filled(say.wasAt, { machine: base.machines[base.machine[before]].code, when: zone.when(base.start[before]) });
  }
  /** @param {Part} which */
  listen(which) {
    const { [which]: box } = this.parts;
    const on = (/** @type {string} */ kind, /** @type {(given: any) => void} */ deed) => box.addEventListener(kind, (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail.target === box && detail.requestConfig.path === this.asked[which]) deed(detail);
    });
    on("htmx:afterSwap", () => {
      this.shown[which] = this.asked[which];
      box.classList.remove("is-old");
    });
    for (const kind of ["htmx:sendError", "htmx:timeout"]) on(kind, () => this.missed(which, this.view.say.unknownPart));
    on("htmx:responseError", () => this.missed(which, this.view.say.failedPart));
  }
  // What it shows of the very same stays, dimmed, until it is there again.
  /** @param {Part} which @param {string} why */
  missed(which, why) {
    if (why === this.view.say.unknownPart) this.due.add(which);
    if (this.shown[which] !== this.asked[which]) this.note(which, why);
  }
  /** @param {Part} which @param {string} text */
  note(which, text) {
    const box = this.parts[which];
    this.shown[which] = "";
    box.classList.remove("is-old");
    if (!text) box.replaceChildren();
    else if (box.textContent !== text) box.replaceChildren(Object.assign(document.createElement("p"), { className: "t2 panel-missed", textContent: text }));
  }
  // What a part showed before stays, dimmed, until the new one is there.
  /** @param {Part} which @param {string} url */
  fetch(which, url) {
    const target = this.parts[which];
    if (this.asked[which] === url && !this.due.has(which)) return;
    this.due.delete(which);
    this.asked[which] = url;
    if (which === "why") this.view.numbers = this.view.cause = null;
    if (!url || !this.shown[which]) this.note(which, "");
    target.classList.toggle("is-old", Boolean(url && this.shown[which]));
    // Each box has a queue of its own: in a shared one the newest request replaces those that wait. What fails is heard below.
    if (url) /** @type {any} */ (globalThis).htmx.ajax("GET", url, { source: target, target, swap: "innerHTML" }).catch(() => {});
  }
  /** @param {Set<number>} selected */
  many(selected) {
    const { plan, zone, say } = this.view;
    const ops = [...selected].sort((a, b) => plan.start[a] - plan.start[b]);
    const box = this.box("board-many");
    const work = ops.reduce((sum, op) => sum + pieces(plan, op).reduce((/** @type {number} */ one, /** @type {number[]} */ [from, to]) => one + to - from, 0), 0);
    const sum = { time: duration(work), machines: new Set(ops.map((op) => plan.machine[op])).size, orders: new Set(ops.map((op) => plan.order[op])).size };
    this.write(box, "head", filled(say.selected, { count: ops.length }));
    this.write(box, "sum", filled(say.selectedSum, sum));
    const rows = ops.slice(0, MOST).map((op) => {
      const row = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link cut", textContent: `${plan.orders[plan.order[op]].number || say.stock}, ${plan.name[op]}` });
      button.dataset.show = String(plan.id[op]);
      row.append(button, Object.assign(document.createElement("small"), { className: "second", textContent: `${plan.machines[plan.machine[op]].code}, ${zone.when(plan.start[op])}` }));
      return row;
    });
    if (ops.length > MOST) rows.push(Object.assign(document.createElement("li"), { className: "t2", textContent: filled(say.andMore, { count: ops.length - MOST }) }));
    /** @type {HTMLElement} */ (box.querySelector("[data-part=list]")).replaceChildren(...rows);
  }

  /** @param {number[]} ops */
  tools(ops) {
    const { view, desk } = this;
    const { plan, say } = view;
    const mine = ops.filter((op) => desk.mayEdit(desk.plantOf(op)));
    const isPinned = mine.length > 0 && mine.every((op) => held(plan, op) === "pinned");
    const button = (/** @type {string} */ deed) => /** @type {HTMLButtonElement} */ (this.element.querySelector(`.panel-foot [data-do="${deed}"]`));
    button("move").disabled = !mine.some((op) => !held(plan, op));
    button("pin").disabled = !mine.some((op) => ["", "pinned"].includes(held(plan, op)));
    button("pin").setAttribute("aria-pressed", String(isPinned));
    button("pin").setAttribute("aria-label", isPinned ? say.unpin : say.pin);
    button("split").disabled = mine.length !== 1 || !isSplittable(plan, mine[0]);
    button("focus").setAttribute("aria-pressed", String(Boolean(view.layout.only)));
    /** @type {HTMLElement} */ (this.element.querySelector(".panel-foot")).hidden = !ops.length;
    for (const deed of ["move", "pin", "split"]) button(deed).hidden = !mine.length;
  }
}
