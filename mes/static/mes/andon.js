// The andon board on a TV: turns pages, and says that it is stale rather than showing what was.

import { alarmsOf, isStale, PAGE_MS, tilesOf } from "./andon_logic.js";

const board = document.querySelector("[data-andon]");
const stale = board.querySelector("[data-stale]");
const since = stale.querySelector("[data-since]");
const dot = document.getElementById("live");
let fetchedAt = Date.now();
let lostAt = null;
let page = 0;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: since.dataset.zone || undefined });

function look() {
  lostAt = dot.dataset.state === "lost" ? lostAt ?? Date.now() : null;
  const is = isStale(Date.now(), fetchedAt, lostAt);
  if (is && stale.hidden) since.textContent = clock.format(lostAt ?? fetchedAt);
  stale.hidden = !is;
  board.classList.toggle("is-stale", is);
}

function turn() {
  const tiles = [...board.querySelectorAll("[data-tiles] > article")];
  const { shown } = tilesOf(page, tiles.map((tile) => "stays" in tile.dataset));
  tiles.forEach((tile, index) => { tile.hidden = !shown.has(index); });
  const alarms = [...board.querySelectorAll("[data-alarms] > li")];
  const { first, last, more } = alarmsOf(page, alarms.length);
  alarms.forEach((alarm, index) => { alarm.hidden = index < first || index >= last; });
  const word = board.querySelector("[data-more]");
  word.hidden = more === 0;
  word.textContent = word.dataset.more.replace("%(n)s", more);
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "an-now") return;
  fetchedAt = Date.now();
  turn();
  look();
});
setInterval(() => { page += 1; turn(); }, PAGE_MS);
setInterval(look, 1000);
turn();
