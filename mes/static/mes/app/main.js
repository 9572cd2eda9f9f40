// The tablet with JavaScript: what it keeps is opened, the page drawn from it, what waits is sent. Without it the forms work.
import { tell, jobActions, reportActions, scannedLot } from "./actions.js";
import { Nobody, NotSaved, badgeOf, chooses, heard } from "./deeds.js";
import { draw, drawTop } from "./draw.js";
import { loadHow } from "./how.js";
import { listen } from "./listening.js";
import { go } from "./moves.js";
import { fetchSnapshot, postEvents, uploadPhoto } from "./net.js";
import * as pads from "./pads.js";
import { isIdle, nobody } from "./people.js";
import { register } from "./register.js";
import { viewOf } from "./routes.js";
import { checkActions } from "./checks.js";
import { jobNamed } from "./codes.js";
import { sheetActions } from "./sheets.js";
import { config, entryOf, keepTeam, reread, root, tablet } from "./state.js";
import { openStore } from "./store.js";
import { NeedsLogin, Sync } from "./sync.js";

const EVERY_MS = 10000;
const REFRESH_MS = 60000;
const ACTIONS = { ...sheetActions, ...jobActions, ...reportActions, ...checkActions };
const QUIET = new Set(["key", "digit", "add", "more", "pad", "less"]);

tablet.redraw = draw;
tablet.perform = async (name, data, element = null) => {
  try {
    await ACTIONS[name]?.(data, element);
  } catch (error) {
    if (error instanceof Nobody) tablet.sheet = { name: "people", isAsked: true };
    else if (error instanceof NotSaved) tablet.sheet = { name: "unsaved", said: error.message };
    else throw error;
  }
  draw();
};

const APART_MS = 400;
let askedAt = 0;
let isAskingLater = false;
export async function refresh(patience) {
  const began = Date.now();
  if (began - askedAt < APART_MS) { later(patience); return; }
  askedAt = began;
  const { store, sync } = tablet;
  try {
    const content = await fetchSnapshot(patience);
    sync.offsetMs = Math.round(Date.parse(content.made_at) - (began + Date.now()) / 2);
    await store.keepSnapshot(config.station, content, new Date(began).toISOString());
    tablet.snapshot = content;
    loadHow();
    sync.reached();
    await reread();
  } catch (error) {
    sync.lost(error instanceof NeedsLogin ? error : new Error("offline"));
  }
  draw();
}

// A hint that comes too soon after another is not lost: what it tells of is asked for a moment later.
function later(patience) {
  if (isAskingLater) return;
  isAskingLater = true;
  setTimeout(() => { isAskingLater = false; refresh(patience); }, APART_MS);
}

async function changed({ kind, answers = [], messages = [] }) {
  if (kind === "answers") {
    heard(answers);
    await reread();
    tablet.channel?.postMessage({ kind: "answers" });
    if (messages.some((one) => one.status === "quarantined")) tablet.hasNews = true;
    refresh();
    draw();
  } else drawTop();
}

// Where a code is asked for, it is filled in: a lot of a report, a tool, a gauge.
function fills(code) {
  const name = tablet.sheet?.name;
  if (name === "tool") tablet.typed.tool = code;
  else if (name === "check") tablet.typed.gauge = code;
  else if (!name && tablet.view.name === "report") scannedLot(code);
  else return false;
  return true;
}

// Whoever read it: the wedge, the camera, or fingers.
async function scanned(code) {
  if (!code) return;
  if (tablet.sheet?.name === "camera") tablet.sheet = tablet.sheet.under;
  // A badge is no PIN: it lies about.
  if (tablet.sheet?.allows) return;
  const person = await badgeOf(code);
  const job = jobNamed(tablet.snapshot.jobs, code);
  if (!person && !job && fills(code)) { draw(); return; }
  if (person) {
    await chooses(person.id, true);
    const then = tablet.sheet?.then;
    tablet.sheet = null;
    if (then) await tablet.perform(then.do, then);
    draw();
    return;
  }
  if (job) { go({ name: "job", job: job.id }); return; }
  const form = document.getElementById("scan-form");
  if (navigator.onLine && !tablet.sync.trouble && form) { form.elements.code.value = code; form.submit(); return; }
  tablet.sheet = null;
  tablet.sentence = config.unknown.replace("%(code)s", code);
  draw();
}
tablet.scanned = scanned;

function wire() {
  listen({ perform: tablet.perform, scanned, quiet: QUIET, typed(name, value) {
    if (name in pads.empty() && tablet.view.name === "report") tablet.entries.set(tablet.view.job, pads.set(pads.choose(entryOf(tablet.view.job), name), name, value));
    else tablet.typed[name] = value;
    if (tablet.view.name === "report") draw();
  } });
  addEventListener("popstate", () => { const view = viewOf(location.pathname, root); if (view) { tablet.view = view; tablet.sheet = null; draw(); } });
  for (const name of ["online", "focus", "pageshow"]) addEventListener(name, () => { refresh(); tablet.sync.drain(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tablet.sync.drain(); });
  for (const topic of ["dispatch", "machine", "operation", "alarm"]) document.body.addEventListener(`live:${topic}`, () => refresh());
  tablet.channel = new BroadcastChannel("throughline-tablet");
  tablet.channel.addEventListener("message", async () => { await reread(); draw(); });
  setInterval(async () => {
    const { team, sync } = tablet;
    const person = tablet.snapshot.people.find((one) => one.id === team.active);
    if (isIdle(team, person, Date.now(), Number(config.idle) * 1000)) await keepTeam({ ...team, active: null });
    if (sync.trouble) await refresh(4000);
    sync.drain();
    if (!tablet.sheet && tablet.view.name !== "report") draw(); else drawTop();
  }, EVERY_MS);
  setInterval(() => { refresh(); if (!tablet.waiting.length) tablet.sync.greet(); }, REFRESH_MS);
}

async function boot() {
  try {
    tablet.store = await openStore();
  } catch {
    document.getElementById("no-store").hidden = false;
    return;
  }
  const { store } = tablet;
  const uid = await store.uid();
  const about = () => ({ device: uid, name: config.device || config.station, plant: Number(config.plant), app: config.version });
  tablet.sync = new Sync({ store, post: postEvents, upload: uploadPhoto, tell: changed, about });
  tablet.sync.sentAt = (await store.meta("sent_at")) ?? null;
  tablet.sync.offsetMs = (await store.meta("offset_ms")) ?? 0;
  tablet.team = (await store.meta("team")) ?? nobody();
  await reread();
  tablet.view = viewOf(location.pathname, root) ?? tablet.view;
  tablet.snapshot = (await store.snapshot(config.station))?.content ?? null;
  // Never seen this machine: the server's own page and its forms stay until there is a way through.
  const isKept = tablet.snapshot !== null;
  while (!tablet.snapshot) {
    await refresh(30000);
    if (!tablet.snapshot) await new Promise((resolve) => { setTimeout(resolve, 3000); });
  }
  if (!tablet.team.ids.length && tablet.snapshot.user_employee) await chooses(tablet.snapshot.user_employee, true);
  document.getElementById("tablet").dataset.state = "on";
  document.getElementById("scan").disabled = false;
  register();
  wire();
  draw();
  if (isKept) { loadHow(); refresh(); }
  if (tablet.waiting.length) tablet.sync.drain(); else tablet.sync.greet();
}

globalThis.tablet = tablet;
tablet.tell = tell;
boot();
