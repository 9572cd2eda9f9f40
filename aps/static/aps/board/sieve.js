// The filter's form: what there is to choose from, and what does not fit dimmed on the board.
import { KEYS, NOTHING, choices, dimmed, fitting, isSet } from "./filter.js";

export class Sieve {
  /** @param {HTMLElement} menu @param {HTMLElement} none says that nothing matches @param {any} view @param {(filter: import("./filter.js").Filter) => void} changed */
  constructor(menu, none, view, changed) {
    this.menu = menu;
    this.none = none;
    this.view = view;
    this.form = /** @type {HTMLFormElement} */ (menu.querySelector("form"));
    this.filter = { ...NOTHING };
    /** @type {any} what there is to choose from was read from it */
    this.data = null;
    this.form.addEventListener("change", () => { this.read(); changed(this.filter); });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("reset", () => setTimeout(() => { this.read(); changed(this.filter); }));
  }
  /** @param {string} key @returns {HTMLSelectElement} */
  select(key) { return /** @type {any} */ (this.form.elements.namedItem(key)); }

  // The plan is new, so may be what there is to choose from.
  offer() {
    const { data } = this.view.plan;
    if (data !== this.data) this.renew();
    this.data = data;
    this.apply();
  }
  renew() {
    const found = choices(this.view.plan);
    this.fill("customer", found.customer.map((one) => [one, one]));
    this.fill("family", found.family.map((one) => [one, one]));
    this.fill("centre", found.centre);
  }
  /** @param {string} key @param {string[][]} options */
  fill(key, options) {
    const select = this.select(key);
    const [all] = select.options;
    select.replaceChildren(all, ...options.map(([value, words]) => new Option(words, value)));
    select.value = this.filter[/** @type {keyof typeof NOTHING} */ (key)];
    if (select.selectedIndex < 0) select.value = "";
  }
  read() { for (const key of KEYS) this.filter[key] = this.select(key).value; }
  /** @param {import("./filter.js").Filter} filter */
  set(filter) {
    this.filter = { ...filter };
    for (const key of KEYS) this.select(key).value = filter[key];
  }
  apply() {
    this.view.dimmed = dimmed(this.view.plan, this.filter);
    const count = /** @type {HTMLElement} */ (this.menu.querySelector("[data-is=filtered]"));
    count.hidden = !isSet(this.filter);
    count.textContent = String(KEYS.filter((key) => this.filter[key]).length);
    this.view.fitting = fitting(this.view.dimmed);
    this.none.hidden = this.view.fitting !== 0;
    this.view.redraw();
  }
}
