// Live updates: one EventSource per browser. The tab that holds the lock listens and hands on to the other tabs; each
// hint fires `live:<topic>` on the body, and the parts that wait for it (hx-trigger="live:plan from:body") fetch
// themselves again. Without a stream the pages poll.

const url = document.body.dataset.live;
const dot = document.getElementById("live");
const words = { live: "Live", polling: "Every 15 s", lost: "No connection", connecting: "Connecting" };
const LEAST_MS = 400;
const POLL_MS = 15000;
const last = new Map();
const waiting = new Map();
let polling = 0;

function show(state) {
  if (!dot) return;
  dot.dataset.state = state;
  const word = dot.querySelector(".word") || dot;
  if (word.textContent !== words[state]) word.textContent = words[state];
}

function fire(topic, detail = {}) {
  document.body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail }));
}

// A busy topic fires at once and then at most every 400 ms; the last hint is never swallowed.
function hint({ topic, ...detail }) {
  const wait = (last.get(topic) || 0) + LEAST_MS - performance.now();
  if (wait <= 0) {
    last.set(topic, performance.now());
    fire(topic, detail);
  } else {
    if (!waiting.has(topic)) {
      setTimeout(() => {
        const latest = waiting.get(topic);
        waiting.delete(topic);
        last.set(topic, performance.now());
        fire(topic, latest);
      }, wait);
    }
    waiting.set(topic, detail);
  }
}

// Every topic that something on this page waits for.
function topics() {
  const found = new Set();
  for (const part of document.querySelectorAll("[hx-trigger*='live:'], [data-live-topics]")) {
    const text = `${part.getAttribute("hx-trigger") || ""} ${part.dataset.liveTopics || ""}`;
    for (const [, topic] of text.matchAll(/live:([\w.-]+)/g)) found.add(topic);
  }
  return found;
}

const refetch = () => { for (const topic of topics()) hint({ topic }); };

function poll(isOn) {
  clearInterval(polling);
  if (isOn) polling = setInterval(refetch, POLL_MS);
}

// What was heard lately, by topic: for a tab whose page was rendered before a hint and listens only after it.
const LATELY_MS = 120000;
const lately = new Map();
let isTold = false;
// From here on, in ms since the navigation began, the page was rendered: a redirect's deed was before that.
const asked = performance.getEntriesByType("navigation")[0]?.requestStart || 0;
const age = () => Math.min(Math.round(performance.now() - asked), LATELY_MS);

let isFirst = true;
function heard(message) {
  if (message.kind === "change") hint(message.hint);
  else if (message.kind === "lately") {
    for (const [topic, at] of isTold ? [] : message.topics) if (at >= performance.timeOrigin + asked) hint({ topic });
    isTold = true;
  } else if (message.kind === "reset") {
    // What came with the page is fresh but for the hints that follow; after a break everything may have changed.
    if (!isFirst) refetch();
    isFirst = false;
    poll(false);
    show("live");
  } else if (message.kind === "down") {
    poll(true);
    show("polling");
  } else if (message.kind === "lost") {
    isFirst = false;
    show("lost");
  }
}

function listen(channel) {
  const state = { kind: "lost" };
  const tell = (message) => {
    if (message.kind === "change") lately.set(message.hint.topic, Date.now());
    else Object.assign(state, message);
    channel.postMessage(message);
    heard(message);
  };
  channel.addEventListener("message", ({ data }) => {
    if (data.kind !== "who") return;
    channel.postMessage({ ...state });
    channel.postMessage({ kind: "lately", topics: [...lately].filter(([, at]) => at > Date.now() - LATELY_MS) });
  });
  return new Promise(() => {
    const connect = () => {
      const source = new EventSource(`${url}?age=${age()}`);
      source.addEventListener("change", ({ data }) => tell({ kind: "change", hint: JSON.parse(data) }));
      source.addEventListener("reset", () => tell({ kind: "reset" }));
      source.addEventListener("down", () => tell({ kind: "down" }));
      source.addEventListener("error", () => {
        tell({ kind: "lost" });
        if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
      });
    };
    connect();
  });
}

if (url && "EventSource" in window) {
  const channel = new BroadcastChannel("throughline-live");
  if (navigator.locks) {
    let isHolder = false;
    channel.addEventListener("message", ({ data }) => { if (!isHolder && data.kind !== "who") heard(data); });
    navigator.locks.request("throughline-live", () => {
      isHolder = true;
      return listen(channel);
    });
    setTimeout(() => { if (!isHolder) channel.postMessage({ kind: "who" }); }, 150);
  } else {
    // Web Locks need a secure context; on plain HTTP inside a factory each tab listens for itself.
    listen(channel);
  }
} else if (url) {
  poll(true);
  show("polling");
}
