// The search on the board: from hit to hit, which of how many, a machine marked for a moment; what it says leaves again.
import { hits } from "./find.js";
import { filled } from "./say.js";

const SAID_MS = 6000;
const MARKED_MS = 2500;

export class Search {
  /** @param {any} board @param {HTMLFormElement} form */
  constructor(board, form) {
    this.board = board;
    this.form = form;
    this.told = board.part("found");
    this.times = 0;
    this.saying = this.marking = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    });
    form.addEventListener("input", () => this.restart());
    addEventListener("keydown", (event) => { if (event.key === "Escape") this.tell(""); }, true);
    board.page.addEventListener("toggle", () => this.tell(""), true);
  }
  get text() { return /** @type {HTMLInputElement} */ (this.form.elements.namedItem("text")).value.trim(); }

  // The same text once more goes on to the next hit.
  next() {
    const { board, text } = this;
    const { say } = board;
    if (!text) {
      this.restart();
      return;
    }
    const found = hits(board.view.plan, text);
    const at = this.times++ % (found.length || 1);
    const hit = found[at];
    if (hit?.op !== undefined) board.bring(hit.op);
    else if (hit) this.machine(hit.machine);
    const many = found.length > 1 ? filled(say.hitOf, { at: at + 1, count: found.length }) : "";
    this.tell(hit ? many : filled(say.nothingFound, { text }), !hit);
  }
  restart() {
    this.times = 0;
    this.tell("");
  }

  // An order that was chosen is let go: it would dim what was found.
  /** @param {number} machine */
  machine(machine) {
    const { view } = this.board;
    this.board.choose(null);
    for (let place = view.layout.placeOf[machine]; place.isFolded; place = view.layout.placeOf[machine]) view.fold(place.key);
    view.reveal(machine);
    view.marked = machine;
    clearTimeout(this.marking);
    this.marking = setTimeout(() => {
      view.marked = null;
      view.redraw();
    }, MARKED_MS);
  }

  /** @param {string} text */
  tell(text, isWrong = false) {
    if (!text && !this.told.textContent) return;
    this.told.textContent = text;
    this.told.classList.toggle("c-late", isWrong);
    clearTimeout(this.saying);
    if (text) this.saying = setTimeout(() => this.tell(""), SAID_MS);
  }
}
