// A link to exactly this view: time, zoom, rows, folded work centres, choice, colour, filter as a query. Pure.
import { KEYS } from "./filter.js";

export const COLOURS = ["late", "order", "family", "state"];
const OWN = ["t", "z", "y", "fold", "op", "with", "color", "compare", "table", "order", "beside", "only", ...KEYS];

/**
 * @typedef {{time: number|null, perHour: number|null, top: number, folded: string[], op: number|null, selected: number[],
 *   colour: string, isCompared: boolean, isTable: boolean, order: number|null, besides: number[], isOnly: boolean, filter: import("./filter.js").Filter}} Look
 */

/** @param {string|null} text */
const number = (text) => (text !== null && text !== "" && Number.isFinite(Number(text)) ? Number(text) : null);
/** @param {string|null} text */
const numbers = (text) => (text || "").split(",").map(number).filter((one) => one !== null);

// Times are written as minutes since 1970, so that the link does not hang on the board's own epoch.
/** @param {string} search @param {number} epoch ms @returns {Look} */
export function look(search, epoch) {
  const query = new URLSearchParams(search);
  const time = number(query.get("t"));
  const colour = query.get("color") || "";
  return {
    time: time === null ? null : time - epoch / 60000,
    perHour: number(query.get("z")),
    top: number(query.get("y")) ?? 0,
    folded: (query.get("fold") || "").split(",").filter(Boolean),
    op: number(query.get("op")),
    selected: /** @type {number[]} */ (numbers(query.get("with"))),
    colour: COLOURS.includes(colour) ? colour : "late",
    isCompared: query.get("compare") === "1",
    isTable: query.get("table") === "1",
    order: number(query.get("order")),
    isOnly: query.get("only") === "1",
    besides: /** @type {number[]} */ (numbers(query.get("beside"))),
    filter: /** @type {any} */ (Object.fromEntries(KEYS.map((key) => [key, query.get(key) || ""]))),
  };
}

// The query of a view; what the address had besides (plant) stays.
/** @param {Look} is @param {string} search @param {number} epoch ms */
export function query(is, search, epoch) {
  const found = new URLSearchParams(search);
  for (const key of OWN) found.delete(key);
  /** @param {string} key @param {any} value */
  const set = (key, value) => { if (value !== null && value !== "" && value !== false) found.set(key, String(value)); };
  set("t", is.time === null ? null : Math.round(is.time + epoch / 60000));
  set("z", is.perHour === null ? null : Math.round(is.perHour * 100) / 100);
  set("y", Math.round(is.top) || null);
  set("fold", is.folded.join(","));
  set("op", is.op);
  set("with", is.selected.join(","));
  set("color", is.colour === "late" ? null : is.colour);
  set("compare", is.isCompared ? 1 : null);
  set("table", is.isTable ? 1 : null);
  set("beside", is.besides.join(","));
  set("only", is.isOnly && is.op !== null ? 1 : null);
  for (const key of KEYS) set(key, is.filter[key]);
  return found.toString();
}
