// The quotation is answered while it is typed: the whole form is asked at each pause, and the newest answer wins.
// Saving waits for an answer that is under way, so that no line loses its date.

const form = document.querySelector(".editor[data-live]");
const PAUSE = 250; // ms without a key
const LOOK_AGAIN = 1000; // ms, when no hint says that the answer is there
const PATIENCE = 5000; // ms that saving waits

let asked = 0; // number of the newest question
let underWay = null; // its request
let pause = 0;
let isOpen = false; // whether something was typed since the newest answer

const lines = () => form.querySelectorAll(".q-line");

function mark(isOn, some = lines()) {
  for (const line of some) line.classList.toggle("is-asking", isOn);
  form.classList.toggle("is-asking", isOn);
}

// What stands on the page takes the new words; a figure that changed glows once.
function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of page.querySelectorAll("[data-part]")) {
    const place = document.getElementById(part.dataset.part);
    if (!place) continue;
    const before = [...place.querySelectorAll("b, .date")].map((one) => one.textContent);
    place.replaceChildren(...part.childNodes);
    [...place.querySelectorAll("b, .date")].forEach((one, n) => {
      if (before.length && one.textContent !== before[n]) one.classList.add("glow");
    });
  }
}

const hint = () =>
  new Promise((done) => {
    const timer = setTimeout(done, LOOK_AGAIN);
    document.body.addEventListener("live:ask", () => { clearTimeout(timer); done(); }, { once: true });
  });

// Asks at `url` until the answer is there; null when a newer question took its place.
async function answered(url, no) {
  for (;;) {
    underWay = new AbortController();
    const told = hint();
    const reply = await fetch(url, { method: "POST", body: new FormData(form), signal: underWay.signal });
    if (no !== asked) return null;
    if (reply.status === 202) {
      url = reply.headers.get("Location");
      await told;
      if (no !== asked) return null;
    } else return reply.ok ? reply.text() : "";
  }
}

async function ask() {
  const no = ++asked;
  underWay?.abort();
  isOpen = false;
  try {
    const text = await answered(form.dataset.live, no);
    if (text === null || no !== asked) return;
    if (text) show(text);
    mark(false);
  } catch (error) {
    if (error.name === "AbortError" || no !== asked) return;
    mark(false); // no connection: what stood there stays, the next key asks again
  }
}

function typed(event) {
  const line = event.target.closest?.(".q-line");
  isOpen = true;
  mark(true, line ? [line] : []);
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE);
}

const waits = () => isOpen || form.classList.contains("is-asking");

function start() {
  form.querySelector("[data-check]").hidden = true;
  form.addEventListener("input", typed);
  form.addEventListener("htmx:afterSettle", typed);
  // A line that was taken away no longer stands in the form when htmx tells of it.
  document.addEventListener("htmx:afterSwap", (event) => { if (!form.contains(event.target)) typed(event); });
  form.addEventListener("submit", hold);
  addEventListener("pageshow", () => { held = released = false; });
  mark(true);
  ask();
}

let held = false;
let released = false;

function hold(event) {
  if (released || (!held && !waits())) return;
  event.preventDefault();
  event.stopPropagation();
  if (held) return;
  held = true;
  const holds = form.querySelector("[data-holds]");
  holds.textContent = holds.dataset.text;
  const last = performance.now() + PATIENCE;
  const look = setInterval(() => {
    if (waits() && performance.now() < last) return;
    clearInterval(look);
    holds.textContent = "";
    released = true;
    form.requestSubmit(event.submitter);
  }, 50);
}

if (form) start();
