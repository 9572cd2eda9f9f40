// The report sheet: pads with plus and minus, a keypad that writes into the chosen pad, the outcome in words.
import { clean, outcome, typed } from "./count.js";

const form = document.getElementById("report");
const keys = form.querySelector(".keys");
const field = { good: form.elements.good, scrap: form.elements.scrap, rework: form.elements.rework };
const words = form.querySelector("[data-then]").dataset.words.split("|");
const first = form.querySelector("[data-outcome]");
const then = form.querySelector("[data-then]");
const start = first.textContent;
const figures = {
  before: { good: Number(form.dataset.good), scrap: Number(form.dataset.scrap), rework: Number(form.dataset.rework) },
  all: Number(form.dataset.all),
  remaining: Number(form.dataset.remaining),
};
let chosen = "good";

function show() {
  const good = clean(field.good.value);
  const scrap = clean(field.scrap.value);
  const rework = clean(field.rework.value);
  const hasReason = Boolean(form.querySelector("[name=reason]:checked"));
  const is = outcome({ good, scrap, rework, hasReason, ...figures }, words);
  const isEmpty = good + scrap + rework === 0;
  first.textContent = isEmpty ? start : is.first;
  then.textContent = isEmpty ? "" : is.then;
  first.parentElement.classList.toggle("is-wrong", is.wrong && !isEmpty);
  form.querySelector(".why-scrap").classList.toggle("is-needed", scrap > 0 && !hasReason);
}

function choose(name) {
  chosen = name;
  for (const pad of form.querySelectorAll("[data-pad]")) pad.classList.toggle("is-on", pad.dataset.pad === name);
  form.querySelector("[data-keys-for]").textContent = form.querySelector(`label[for=${name}]`).textContent.trim();
}

function set(name, value) {
  field[name].value = value;
  show();
}

form.addEventListener("click", (event) => {
  const pad = event.target.closest("[data-pad]");
  if (pad) choose(pad.dataset.pad);
  const button = event.target.closest("button[type=button]");
  if (!button) return;
  const { add, more, key } = button.dataset;
  if (add) set(chosen, Math.max(0, clean(field[chosen].value) + Number(add)) || "");
  else if (more) set(chosen, clean(field[chosen].value) + Number(more));
  else if (key) set(chosen, typed(field[chosen].value, key));
  else if ("allOf" in button.dataset) set("good", Math.max(0, clean(figures.remaining - clean(field.scrap.value) - clean(field.rework.value))));
});
form.addEventListener("input", show);
for (const name of ["good", "scrap", "rework"]) {
  field[name].addEventListener("focus", () => choose(name));
  field[name].setAttribute("inputmode", "none");
}
keys.hidden = false;
show();
