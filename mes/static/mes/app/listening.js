// Taps, long presses, typing and scanners of the page, told to whoever wired it.
import { hear } from "./scanner.js";
import { viewOf } from "./routes.js";
import { go } from "./moves.js";
import { root, tablet } from "./state.js";

const LONG_MS = 550;

export function listen({ perform, scanned, typed }) {
  let timer = 0;
  let wasLong = false;
  addEventListener("pointerdown", (event) => {
    wasLong = false;
    clearTimeout(timer);
    const element = event.target.closest?.("[data-long]");
    if (element) timer = setTimeout(() => { wasLong = true; perform(element.dataset.long, element.dataset, element); }, LONG_MS);
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => clearTimeout(timer));

  document.addEventListener("click", (event) => {
    if (wasLong) { wasLong = false; event.preventDefault(); return; }
    const element = event.target.closest("[data-do]");
    // What a form does is done when it is sent, not by a tap somewhere on it.
    if (element && element.tagName !== "FORM") {
      if (element.tagName === "INPUT") return;
      event.preventDefault();
      perform(element.dataset.do, element.dataset, element);
      return;
    }
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || link.origin !== location.origin) return;
    const view = viewOf(link.pathname, root);
    if (!view || link.search) return;
    event.preventDefault();
    go(view);
  });
  document.addEventListener("input", (event) => {
    const { keep, sample } = event.target.dataset;
    if (keep) typed(keep, event.target.value);
    if (sample) tablet.typed.check = { ...tablet.typed.check, [sample]: event.target.value };
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-do]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.do === "scan") scanned(form.elements.code.value.trim());
    else perform(form.dataset.do, form.dataset, form);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") perform("close", {});
  });
  hear(scanned);
}
