// The page around the canvas: fetches the plan, keeps it fresh, joins buttons, panel, card and table to the view.
import { showCard } from "./card.js";
import { bind } from "./hands.js";
import { opening } from "./opening.js";
import { RISK, find } from "./plan.js";
import { PRESETS } from "./scale.js";
import { fill } from "./table.js";
import { BoardView } from "./view.js";
import { decode, merge } from "./wire.js";
import { duration } from "./zone.js";

const page = document.getElementById("board");
const stage = document.getElementById("board-stage");
const card = document.getElementById("board-card");
const panel = document.getElementById("board-panel");
const table = document.getElementById("board-table");
const note = document.getElementById("board-note");
const say = JSON.parse(document.getElementById("board-words").textContent);
const part = (name) => page.querySelector(`[data-is="${name}"]`);
let view = null;
let opened = null;

// The whole plan the first time, afterwards what changed since.
async function fetchPlan() {
  const known = view?.plan.data;
  const since = known ? `?since=${encodeURIComponent(known.version)}` : "";
  const answer = await fetch(page.dataset.url + since, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const message = await answer.json();
  return message.kind === "delta" ? merge(known, message) : decode(message);
}

function heading() {
  const { plan, zone } = view;
  const { plan: published, is_waiting: isWaiting, proposal_url: proposalUrl, unplanned } = plan.data;
  const dated = plan.orders.filter((order) => order.id !== null);
  part("plan").textContent = published ? `${say.plan} ${published.no}, ${say.published} ${zone.when((Date.parse(published.published_at) - zone.epoch) / 60000)}` : "";
  part("cause").textContent = proposalUrl ? "" : isWaiting ? say.planning : published?.cause ?? "";
  part("proposal").hidden = !proposalUrl;
  if (proposalUrl) part("proposal").firstElementChild.href = proposalUrl;
  part("late").textContent = dated.filter((order) => order.risk === RISK.late).length;
  part("tight").textContent = dated.filter((order) => order.risk === RISK.tight).length;
  part("setup").textContent = published ? duration(published.setup_min) : "–";
  part("count").textContent = `${plan.count} ${say.operations} ${plan.machines.length} ${say.machinesCount}${unplanned ? `, ${unplanned} ${say.unplanned}` : ""}`;
  part("late").classList.toggle("c-late", part("late").textContent !== "0");
  if (!plan.count) tell(say.empty);
  else if (!note.classList.contains("is-quiet")) note.hidden = true;
}

function tell(text, isQuiet = false) {
  note.textContent = text;
  note.classList.toggle("is-quiet", isQuiet);
  note.hidden = false;
}

// At now, or where the next work begins; the note about it leaves with the first movement.
function openThere() {
  const { time, share, from } = opening(view.plan, view.scale);
  view.show(time, share);
  if (from === null) return;
  tell(say.opensAt.replace("%(when)s", view.zone.when(from)), true);
  const leave = () => { if (note.classList.contains("is-quiet")) note.hidden = true; };
  for (const kind of ["pointerdown", "wheel", "keydown"]) page.addEventListener(kind, leave, { once: true, passive: true });
}

function choose(op) {
  view.choose(op);
  const order = op === null ? null : view.plan.orders[view.plan.order[op]];
  stage.setAttribute("aria-description", op === null ? "" : `${order.number || say.stock}, ${view.plan.name[op]}, ${view.zone.when(view.plan.start[op])}`);
  page.classList.toggle("has-panel", Boolean(order?.id));
  if (order?.id && order.id !== opened) openPanel(order.id);
  opened = order?.id ?? null;
  if (op !== null && !order.id) showCard(card, view, op, view.scale.x(view.plan.start[op]), view.y(view.layout.placeOf[view.plan.machine[op]]));
  view.resize();
}

const openPanel = (id) => globalThis.htmx.ajax("GET", page.dataset.panel.replace("/0/", `/${id}/`), { target: panel, swap: "innerHTML" });

function bring(op) {
  choose(op);
  view.show(view.plan.start[op], 0.3);
  view.reveal(view.plan.machine[op]);
}

// The next operation of the chosen chain, in order of time.
function next(step = 1) {
  if (view.chosenOp === null) return;
  const chain = [...view.chosen].sort((a, b) => view.plan.start[a] - view.plan.start[b]);
  bring(chain[(chain.indexOf(view.chosenOp) + step + chain.length) % chain.length]);
}

function preset(perHour) {
  view.zoom(perHour);
  pressed();
}

function pressed() {
  for (const button of page.querySelectorAll("[data-preset]")) {
    button.setAttribute("aria-pressed", String(Math.abs(view.scale.perHour - PRESETS[button.dataset.preset]) < 0.01));
  }
}

function toggleTable() {
  const isTable = page.classList.toggle("is-table");
  page.querySelector("[data-do=table]").setAttribute("aria-pressed", String(isTable));
  if (isTable) fill(table.querySelector("tbody"), view, choose);
  else view.resize();
}

const deeds = {
  now: () => view.show(view.plan.now, 0.15),
  back: () => view.pan(-(view.width - view.scale.left) * 0.6, 0),
  on: () => view.pan((view.width - view.scale.left) * 0.6, 0),
  in: () => { view.zoom(view.scale.perHour * 1.4); pressed(); },
  out: () => { view.zoom(view.scale.perHour / 1.4); pressed(); },
  table: toggleTable,
  close: () => { choose(null); stage.focus(); },
  focus: () => view.focus(!view.layout.only),
};

function join() {
  bind(view, stage, { hover: (op, x, y) => showCard(card, view, op ?? null, x, y), choose, preset, next, table: toggleTable });
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do], [data-preset], [data-show]");
    if (!button) return;
    if (button.dataset.preset) preset(PRESETS[button.dataset.preset]);
    else if (button.dataset.show) {
      const op = view.plan.at.get(Number(button.dataset.show));
      if (op !== undefined) bring(op);
    } else deeds[button.dataset.do]();
  });
  page.querySelector("form[data-find]").addEventListener("submit", (event) => {
    event.preventDefault();
    const found = find(view.plan, event.target.elements.text.value);
    part("found").textContent = found ? "" : say.nothingFound;
    if (found?.op !== undefined) bring(found.op);
    else if (found) view.reveal(found.machine);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    page.querySelector("form[data-find] input").focus();
  });
  new ResizeObserver(() => view.resize()).observe(stage);
  const isDark = () => document.documentElement.dataset.bsTheme === "dark";
  new MutationObserver(() => view.theme(isDark())).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  view.theme(isDark());
  document.fonts?.ready.then(() => { view.words.widths.clear(); view.redraw(); });
  stage.addEventListener("wheel", pressed, { passive: true });
}

async function refresh() {
  try {
    const data = await fetchPlan();
    if (!view) {
      view = new BoardView(document.getElementById("board-canvas"), data, say);
      globalThis.board = view;
      join();
      const wish = new URLSearchParams(location.search).get("order");
      const order = view.plan.orders.find((one) => String(one.id) === wish);
      view.resize();
      if (order) bring(order.ops[0]);
      else openThere();
    } else {
      view.take(data);
      page.classList.toggle("has-panel", Boolean(view.chosenOp !== null && opened));
      if (view.chosenOp !== null && opened) openPanel(opened);
      if (page.classList.contains("is-table")) fill(table.querySelector("tbody"), view, choose);
    }
    heading();
    pressed();
  } catch (error) {
    if (!(error instanceof TypeError) && !/^\d+$/.test(error.message)) throw error;
    tell(say.failed);
    setTimeout(refresh, 5000);
  }
}

for (const topic of ["plan", "planning", "proposals", "machine", "operation"]) document.body.addEventListener(`live:${topic}`, refresh);
setInterval(() => { if (view && document.visibilityState === "visible") { view.plan.now = (Date.now() - view.zone.epoch) / 60000; view.redraw(); } }, 30000);
refresh();
