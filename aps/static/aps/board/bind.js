// Joins buttons, keys, pointers, fields and live events of the page to the board's deeds.
import { askMove, askSplit, asked } from "./asked.js";
import { Besides } from "./besides.js";
import { fillCard, showCard } from "./card.js";
import { hoursAt } from "./hours.js";
import { held } from "./lift.js";
import { Hands } from "./hands.js";
import { key, pageKey } from "./keys.js";
import { People } from "./people.js";
import { toggled, within } from "./pick.js";
import { askPrint } from "./print.js";
import { publisher, searcher } from "./publish.js";
import { PRESETS } from "./scale.js";
import { Search } from "./search.js";
import { TOP } from "./layout.js";
import { say as note } from "../../suite/notes.js";

const PATIENCE_MS = 4000;

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @param {any} board */
export function bind(board) {
  board.deeds = deeds(board);
  pointers(board);
  buttons(board);
  fields(board);
  keys(board);
  outside(board);
}

// Whether the drafts are on the server, once they are or the wait is over.
/** @param {any[]} desks @param {Promise<void>} wait */
async function saved(desks, wait) {
  await Promise.race([wait, Promise.all(desks.map((one) => one.keeper.save()))]);
  return desks.every((one) => !one.keeper.state.draft(one.id).isDirty);
}

/** @param {any} board */
function deeds(board) {
  const { view, desk, say, page, stage, hand, config } = board;
  const zoom = (/** @type {number} */ perHour) => { view.zoom(perHour); board.looked(); };
  const pan = (/** @type {number} */ share) => { view.pan((view.width - view.scale.left) * share, 0); board.looked(); };
  const show = publisher(element("board-publish"), config.publish_url, (plants) => { desk.published(plants); note(say.published2, "success"); }, () => note(say.publishFailed, "warning"));
  const found = {
    zoom,
    now: () => { view.show(view.plan.now, 0.15); board.looked(); },
    back: () => pan(-0.6), on: () => pan(0.6),
    in: () => zoom(view.scale.perHour * 1.4), out: () => zoom(view.scale.perHour / 1.4),
    close: () => { board.choose(null); stage.focus(); },
    focus: () => { view.focus(!view.layout.only); board.show(); board.looked(); },
    undo: () => { if (!hand.held) desk.undo(); }, redo: () => { if (!hand.held) desk.redo(); },
    table: () => table(board),
    compare: () => { board.isCompared = !board.isCompared; board.ghosts(); board.show(); board.looked(); },
    publish: () => {
      const mine = desk.plants.filter((/** @type {any} */ one) => desk.state.draft(one.id).edits.length);
      if (mine.length) saved(mine, board.line.sleep(PATIENCE_MS)).then((isSaved) => (isSaved ? show(mine.map((/** @type {any} */ one) => one.id)) : note(say.publishFailed, "warning")));
    },
    optimise: config.run_url ? searcher(element("board-run"), config.run_url, page.querySelector("[data-do=optimise]")) : () => {},
    link: async () => note((await board.lookout.copy()) ? say.linkCopied : say.linkShown, "success"),
    print: () => askPrint(element("board-print"), view, config.print_url).then((address) => { if (address) location.assign(address); }),
    keys: () => asked(element("board-keys")),
    search: () => page.querySelector("form[data-find] input").focus(),
    next: (step = 1) => next(board, step),
    mark: () => { if (view.chosenOp !== null) board.select(toggled(new Set(view.selected ?? []), view.chosenOp)); },
    unfilter: () => board.sieve.form.reset(),
    lift: () => liftByKeys(board),
    pin: () => pin(board),
    move: () => askMove(element("board-move"), view, desk, board.subject, config.others),
    moveOne: (/** @type {number} */ op) => askMove(element("board-move"), view, desk, [op], config.others),
    split: () => askSplit(element("board-split"), view, desk, board.subject[0]),
    escape: () => {
      if (hand.held || view.band) board.hands.cancel();
      else if (view.selected || view.chosenOp !== null) board.choose(null);
      else return false;
      return true;
    },
  };
  return found;
}

// The table in place of the board, and back; who works with keys goes along.
/** @param {any} board */
function table(board) {
  const { view, page, stage } = board;
  const isFocused = [stage, element("board-table")].some((one) => one.contains(document.activeElement));
  board.isTable = page.classList.toggle("is-table");
  if (!board.isTable) view.resize();
  board.show();
  board.looked();
  if (isFocused) (board.isTable ? element("board-table") : stage).focus();
}

// The next operation of the chosen chain, in order of time; of what is in view when nothing is chosen.
/** @param {any} board @param {number} step */
function next(board, step) {
  const { view } = board;
  const among = view.chosenOp === null ? view.inView() : [...view.chosen];
  if (!among.length) return;
  const chain = among.sort((/** @type {number} */ a, /** @type {number} */ b) => view.plan.start[a] - view.plan.start[b] || a - b);
  board.bring(chain[(chain.indexOf(view.chosenOp) + (view.chosenOp === null ? 1 : step) + chain.length) % chain.length]);
}

/** @param {any} board */
function liftByKeys({ view, hand, subject }) {
  const op = view.chosenOp ?? subject[0];
  if (op === undefined || op === null) return;
  view.reveal(view.plan.machine[op]);
  if (view.plan.start[op] < view.scale.from || view.plan.start[op] > view.scale.until - 30) view.show(view.plan.start[op], 0.4);
  hand.lift(op, { x: view.scale.x(view.plan.start[op]) + 6, y: view.y(view.layout.placeOf[view.plan.machine[op]]) + 8 }, true);
}

// Pins what is free, or frees what is pinned when all of it is.
/** @param {any} board */
function pin({ view, desk, subject }) {
  const { plan } = view;
  const able = subject.filter((/** @type {number} */ op) => desk.mayEdit(desk.plantOf(op)) && ["", "pinned"].includes(held(plan, op)));
  const free = able.filter((/** @type {number} */ op) => held(plan, op) === "");
  const wanted = free.length ? free : able;
  const plants = new Set(wanted.map((/** @type {number} */ op) => desk.plantOf(op)));
  for (const plant of plants) {
    const ops = wanted.filter((/** @type {number} */ op) => desk.plantOf(op) === plant).map((/** @type {number} */ op) => plan.id[op]);
    desk.add(plant, { do: free.length ? "pin" : "unpin", ops });
  }
}

/** @param {any} board */
function pointers(board) {
  const { view, stage, hand } = board;
  board.hands = new Hands(view, stage, hand, {
    hover: (/** @type {number | null} */ op, /** @type {number | undefined} */ x, /** @type {number} */ y) => {
      const card = element("board-card");
      if (op === null) fillCard(card, view, x === undefined ? null : hoursAt(view, x, y), x ?? 0, y);
      else showCard(card, view, op === view.chosenOp ? null : op, x, y);
    },
    choose: (/** @type {number | null} */ op, /** @type {boolean} */ isAdded) => {
      if (!isAdded || op === null) board.choose(op);
      else board.select(toggled(view.selected ?? new Set(view.chosenOp === null ? [] : [view.chosenOp]), op));
    },
    chooseOrder: (/** @type {number} */ order) => { const { ops } = view.plan.orders[order]; if (ops.length) board.bring(ops[ops.length - 1]); },
    select: (/** @type {any} */ band) => {
      const by = view.top - TOP;
      board.select(new Set(within(view.plan, view.layout, view.scale, { ...band, y1: band.y1 + by, y2: band.y2 + by }).filter((op) => !view.dimmed?.[op])));
    },
    looked: () => board.looked(),
  });
}

/** @param {any} board */
function buttons(board) {
  const press = (/** @type {MouseEvent} */ event) => {
    const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-do], [data-preset], [data-show]")) : null;
    if (!button) return;
    const { preset, show: id, do: deed } = button.dataset;
    button.closest("details.menu")?.removeAttribute("open");
    if (preset) board.deeds.zoom(PRESETS[/** @type {keyof typeof PRESETS} */ (preset)]);
    else if (id) {
      const op = board.view.plan.at.get(Number(id));
      if (op !== undefined) board.bring(op);
    } else if (deed === "elsewhere") elsewhere(board, button);
    else if (deed) board.deeds[deed]?.();
  };
  board.page.addEventListener("click", press);
}

// The order line is to be made in the plant that the button names; the effect of it comes with the draft's.
/** @param {any} board @param {HTMLElement} button */
function elsewhere({ desk }, button) {
  const { from, line, plant } = button.dataset;
  if (!desk.mayEdit(Number(from))) return;
  desk.add(Number(from), { do: "plant", line: Number(line), plant: Number(plant) });
  button.closest("details")?.removeAttribute("open");
}

/** @param {any} board */
function fields(board) {
  const { page, view } = board;
  new Search(board, page.querySelector("form[data-find]"));
  page.querySelector("[data-pick=colour]").addEventListener("change", (/** @type {any} */ event) => {
    view.colour = event.target.value;
    board.show();
    board.looked();
  });
  const menu = element("board-besides");
  if (menu) board.besides = new Besides(board, menu, element("board-beside"));
}

/** @param {any} board */
function keys(board) {
  const { stage, view, hand, deeds: on } = board;
  board.pressedKey = (/** @type {KeyboardEvent} */ event) => {
    if (!key(view, hand, { ...on, looked: () => board.looked() }, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  stage.addEventListener("keydown", board.pressedKey);
  addEventListener("keydown", (event) => {
    if (board.isTable && event.key.toLowerCase() === "t" && event.target instanceof Element && event.target.closest(".board-table")) on.table();
    else if (event.key === "?" && !(event.target instanceof Element && event.target.closest("input, textarea, select"))) on.keys();
    else if (pageKey(on, event)) event.preventDefault();
  });
}

// The world outside: size, theme, fonts, time, connection, what others did.
/** @param {any} board */
function outside(board) {
  const { view, stage, desk } = board;
  new ResizeObserver(() => view.resize()).observe(stage);
  const isDark = () => document.documentElement.dataset.bsTheme === "dark";
  const theme = () => { view.theme(isDark()); board.besides?.theme(isDark()); board.show(); };
  new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  view.theme(isDark());
  document.fonts?.ready.then(() => { view.words.widths.clear(); view.redraw(); });
  for (const topic of ["plan", "planning", "proposals", "machine", "operation"]) document.body.addEventListener(`live:${topic}`, () => { desk.refresh(); board.besides?.refresh(); });
  for (const topic of ["plan", "draft"]) document.body.addEventListener(`live:${topic}`, () => desk.drafts());
  document.body.addEventListener("live:scenarios", () => board.besides?.refresh());
  addEventListener("beforeunload", (event) => { if (desk.isUnsaved) event.preventDefault(); });
  addEventListener("online", () => { desk.hurry(); board.besides?.hurry(); });
  const staffed = desk.plants.filter((/** @type {any} */ one) => one.people);
  view.expectPeople(staffed.map((/** @type {any} */ one) => one.id));
  board.people = new People(board.line, (plant, people) => {
    view.takePeople(plant, people);
    board.legend();
  });
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    view.plan.now = (Date.now() - view.zone.epoch) / 60000;
    view.redraw();
  }, 30000);
}
