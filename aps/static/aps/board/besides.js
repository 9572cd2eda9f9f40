// The scenarios that stand beside the plan: which, where they are chosen, and that each is told what happens.
import { Group } from "./aligned.js";
import { dimmed } from "./filter.js";
import { Pair } from "./pair.js";
import { filled } from "./say.js";

/** More leave no room for rows. */
export const MOST = 2;

/** Those wanted that there are, no more than there is room for: the latest ones. Pure. @param {number[]} wanted @param {{id: number}[]} there */
export const allowed = (wanted, there) => [...new Set(wanted)].filter((id) => there.some((one) => one.id === id)).slice(-MOST);

export class Besides {
  /** @param {any} board @param {HTMLElement} menu @param {HTMLTemplateElement} form of one of them */
  constructor(board, menu, form) {
    this.board = board;
    this.menu = menu;
    this.form = form;
    /** @type {Map<number, Pair>} */
    this.pairs = new Map();
    /** @type {Group | null} */
    this.group = null;
    menu.addEventListener("change", () => this.show(this.ticked));
  }
  get ids() { return [...this.pairs.keys()]; }
  /** @returns {HTMLInputElement[]} */
  get boxes() { return [...this.menu.querySelectorAll("input")]; }
  // Those that stand already come first, so that one more is the latest.
  get ticked() {
    const ticked = this.boxes.filter((one) => one.checked).map((one) => Number(one.value));
    return [...this.ids.filter((id) => ticked.includes(id)), ...ticked.filter((id) => !this.pairs.has(id))];
  }

  /** @param {number[]} wanted ids */
  show(wanted) {
    const { board } = this;
    const ids = allowed(wanted, board.config.scenarios);
    for (const [id, pair] of this.pairs) {
      if (ids.includes(id)) continue;
      pair.close();
      this.pairs.delete(id);
    }
    for (const id of ids) if (!this.pairs.has(id)) this.pairs.set(id, this.made(board.config.scenarios.find((/** @type {any} */ one) => one.id === id)));
    for (const one of this.boxes) one.checked = this.pairs.has(Number(one.value));
    const names = ids.map((id) => this.pairs.get(id)?.scenario.name).join(", ");
    const count = /** @type {HTMLElement} */ (this.menu.querySelector("[data-is=besides]"));
    count.hidden = !ids.length;
    count.textContent = String(ids.length);
    /** @type {HTMLElement} */ (this.menu.querySelector("summary")).title = names;
    board.view.hasMap = ids.length < MOST;
    board.view.resize();
    board.looked();
  }
  /** @param {import("./pair.js").Scenario} scenario */
  made(scenario) {
    const { board } = this;
    const { view } = board;
    const box = /** @type {HTMLElement} */ (/** @type {Element} */ (this.form.content.firstElementChild).cloneNode(true));
    /** @type {HTMLElement} */ (document.getElementById("board-stages")).append(box);
    const close = /** @type {HTMLElement} */ (box.querySelector("[data-is=beside-close]"));
    close.setAttribute("aria-label", filled(view.say.closeScenario, { name: scenario.name }));
    close.addEventListener("click", () => {
      this.show(this.ids.filter((id) => id !== scenario.id));
      board.stage.focus();
    });
    /** @type {HTMLElement} */ (box.querySelector(".board-stage")).addEventListener("keydown", board.pressedKey);
    this.group ||= new Group(view);
    return new Pair(box, view, scenario, {
      data: board.config.plants[0].data, line: board.line, group: this.group, looked: () => board.looked(),
      failed: (error) => board.failed(error, "plan"), came: () => this.compare(board.isCompared),
      choose: (id) => {
        const op = view.plan.at.get(id);
        if (op !== undefined) board.choose(op);
        return op !== undefined;
      },
    });
  }
  refresh() { for (const pair of this.pairs.values()) pair.refresh(); }
  /** How they stand to the plan, which may have changed; its filter dims them too. @param {boolean} isMarked what stands elsewhere is marked */
  compare(isMarked) {
    for (const pair of this.pairs.values()) {
      pair.compare(isMarked);
      if (pair.view) pair.view.dimmed = dimmed(pair.view.plan, this.board.sieve.filter);
    }
  }
  hurry() { for (const pair of this.pairs.values()) pair.feed.hurry(); }
  /** @param {boolean} isDark */
  theme(isDark) { for (const pair of this.pairs.values()) pair.view?.theme(isDark); }
}
