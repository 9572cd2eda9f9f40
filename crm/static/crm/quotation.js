// The sums under a quotation, from the figures that the server wrote beside each line's offer.

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
