// The effect of what is held, in a bubble beside the hand: who becomes late, setup, cost, how much moves.
import { filled, several } from "./say.js";
import { beside } from "./pick.js";
import { TOP } from "./layout.js";
import { duration } from "./zone.js";

const MOST = 2;
const NEAR_MIN = 5;

// The lines of the bubble: [tone, icon, words, figure]. Pure.
/** @param {any} hand @param {any} answer @param {any} say @returns {[string, string, string, string][]} */
export function lines(hand, answer, say) {
  const { held: is, plan } = hand;
  if (!is.isLegal) return [["late", "x", is.machine === null ? say.dropOnMachine : filled(say.cannotDo, { machine: plan.machines[is.machine].code }), ""]];
  if (!answer) return [["wait", "", hand.isCut ? say.noAnswer : say.asking, ""]];
  const refused = answer.refused?.find((/** @type {any} */ one) => one.edit === "trial");
  if (refused) return [["late", "x", refused.text, ""]];
  return [...who(answer.effect, say), ...sums(answer.effect, say, answer.effect.currency)];
}

/** @param {any} effect @param {any} say @returns {[string, string, string, string][]} */
function who({ late, better }, say) {
  const named = late.length === MOST + 1 ? late : late.slice(0, MOST); // "and 1 more" would take the place of its name
  const found = named.map((/** @type {any} */ one) => {
    const by = { number: one.number ?? one.order, was: duration(one.was), now: duration(one.now) };
    return ["late", "alert", filled(one.was > 0 ? say.slips : say.becomesLate, by), ""];
  });
  if (late.length > named.length) found.push(["late more", "alert", filled(say.andMore, { count: late.length - named.length }), ""]);
  if (late.length) return found;
  const [best] = better;
  const text = best ? filled(best.now > 0 ? say.gains : say.inTimeAgain, { number: best.number ?? best.order, time: duration(best.was - best.now) }) : say.nobodyLate;
  return [["ok", "check", text, ""]];
}

/** @param {any} effect @param {any} say @param {string} currency @returns {[string, string, string, string][]} */
function sums(effect, say, currency) {
  /** @type {[string, string, string, string][]} */
  const found = [["sum", "tool", say.setup, signed(effect.setup_min, (/** @type {number} */ minutes) => duration(minutes))]];
  if (effect.cost === null) return found;
  const isAll = effect.late_cost !== null; // else nobody has said what an hour late costs
  found.push(["sum", "money", isAll ? say.cost : say.machineTime, money(Number(effect.cost), currency)]);
  if (isAll && Number(effect.late_cost)) found.push(["part", "", say.ofItLateness, money(Number(effect.late_cost), currency)]);
  return found;
}

/** @param {number} value @param {(value: number) => string} words */
export const signed = (value, words) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${words(Math.abs(value))}`;

/** A change of money, as the server writes it: "EUR +1,234.50". @param {number} amount @param {string} currency */
export function money(amount, currency) {
  const cents = Math.round(amount * 100);
  return `${currency} ${signed(cents, (value) => (value / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }))}`;
}

// Where it is held, and as soon as the engine has said so where it would begin: not always there. Pure.
/** @param {any} hand @param {any} say @param {any} zone */
export function where({ held: is, plan, lies }, say, zone) {
  if (is.machine === null) return "";
  const { code } = plan.machines[is.machine];
  if (lies && is.isLegal && (is.at < lies.start - NEAR_MIN || is.at > lies.run + NEAR_MIN)) return filled(say.beginsInstead, { machine: code, when: zone.when(lies.start), at: zone.when(is.at) });
  return `${code}, ${zone.when(is.at)}${is.isPin ? ` · ${say.exactly}` : ""}`;
}

/** @param {any} hand @param {any} answer @param {any} say @param {any} zone */
export function foot(hand, answer, say, zone) {
  const place = where(hand, say, zone);
  return answer && place ? `${place} · ${several(say, "moves", answer.effect.moved)}` : place;
}

// Fills the bubble and puts it in place.
/** @param {HTMLElement} bubble @param {any} hand @param {any} answer */
export function showBubble(bubble, hand, answer) {
  const { view, held: is } = hand;
  const { say } = view;
  const rows = lines(hand, answer, say).map(([tone, icon, words, figure]) => {
    const row = document.createElement("div");
    row.className = `line is-${tone}`;
    const sign = document.getElementById(`board-icon-${icon}`);
    if (sign instanceof HTMLTemplateElement) row.append(sign.content.cloneNode(true));
    row.append(words);
    if (figure) row.append(Object.assign(document.createElement("b"), { textContent: figure }));
    return row;
  });
  const last = document.createElement("div");
  last.className = "foot";
  last.append(Object.assign(document.createElement("span"), { textContent: foot(hand, answer, say, view.zone) }));
  last.append(Object.assign(document.createElement("span"), { textContent: hand.byKeys ? say.keysDrop : hand.byTouch ? say.fingerCancels : say.escCancels }));
  bubble.replaceChildren(...rows, last);
  bubble.hidden = false;
  const size = { width: bubble.offsetWidth, height: bubble.offsetHeight };
  const at = beside(is, size, { left: view.scale.left, top: TOP, width: view.width, height: view.height }, span(view, is));
  bubble.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
}

// Top and bottom of the lanes it may go to, on the canvas.
/** @param {any} view @param {any} is @returns {[number, number] | null} */
function span(view, is) {
  const places = [...is.legal].map((machine) => view.layout.placeOf[machine]).filter(Boolean);
  if (!places.length) return null;
  return [Math.min(...places.map((place) => view.y(place))), Math.max(...places.map((place) => view.y(place) + place.h))];
}

// The same in one sentence, for those who hear it.
/** @param {any} hand @param {any} answer */
export function sentence(hand, answer) {
  const { say, zone } = hand.view;
  const told = lines(hand, answer, say).map(([, , words, figure]) => (figure ? `${words} ${figure}` : words));
  return [where(hand, say, zone), ...told].filter(Boolean).join(". ");
}
