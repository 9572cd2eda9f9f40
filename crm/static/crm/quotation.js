// The sums under a quotation, from the figures that the server wrote beside each line's offer; saving waits for offers.

const form = document.querySelector(".editor");
const sums = form.querySelector("[data-sums]");
const figure = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const cents = (text) => Math.round(Number(text) * 100);

function total(name) {
  const found = [...form.querySelectorAll(`.offer [data-${name}]`)];
  if (!found.length) return null;
  return found.reduce((sum, one) => sum + cents(one.dataset[name]), 0);
}

function show() {
  const net = total("net");
  const cost = total("cost");
  sums.hidden = net === null;
  if (net === null) return;
  const values = { net, cost, margin: cost === null ? null : net - cost };
  for (const place of sums.querySelectorAll("[data-sum]")) {
    const value = values[place.dataset.sum];
    const text = value === null ? "–" : figure.format(value / 100).replace("-", "−");
    if (place.textContent !== text) {
      place.textContent = text;
      place.classList.remove("glow");
      requestAnimationFrame(() => place.classList.add("glow"));
    }
  }
}

form.addEventListener("htmx:afterSettle", show);
document.addEventListener("htmx:afterSwap", () => requestAnimationFrame(show));

// A line that is saved before planning answered would lose its date: saving waits for the answers, at most 5 seconds.
const PATIENCE = 5000;
const LOOK_AGAIN = 100;
const holds = form.querySelector("[data-holds]");
const unasked = new WeakSet(); // lines that were typed in since their question was sent
let held = false;
let released = false;

const isUnanswered = (line) => unasked.has(line) || line.querySelector(".offer.htmx-request, .waits > *") !== null;
const waits = () => [...form.querySelectorAll(".q-line")].some(isUnanswered);

form.addEventListener("input", (event) => {
  const line = event.target.closest(".q-line");
  if (line) unasked.add(line);
});
form.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches(".offer")) unasked.delete(event.target.closest(".q-line"));
});

form.addEventListener("submit", (event) => {
  if (released || (!held && !waits())) return;
  event.preventDefault();
  event.stopPropagation();
  if (held) return;
  held = true;
  holds.textContent = holds.dataset.text;
  const last = performance.now() + PATIENCE;
  const look = setInterval(() => {
    if (waits() && performance.now() < last) return;
    clearInterval(look);
    holds.textContent = "";
    released = true;
    form.requestSubmit(event.submitter);
  }, LOOK_AGAIN);
});

addEventListener("pageshow", () => {
  held = released = false;
});
