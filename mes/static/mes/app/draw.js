// Draws the page out of what the tablet keeps. Nothing moves under a finger: while one is down, drawing waits.
import { show } from "./bind.js";
import * as camera from "./camera.js";
import { day, hours, serverNow } from "./clock.js";
import { isAtWork, objection } from "./fold.js";
import { howOf } from "./how.js";
import { judged } from "./measured.js";
import { crewModel, jobModel, jobRow, listModel, reportModel } from "./models.js";
import { initials } from "./people.js";
import { badge } from "./queue.js";
import { config, context, entryOf, jobOf, root, tablet, words } from "./state.js";
import { badgeStripModel } from "./strip.js";

let isDown = false;
let isMissed = false;
addEventListener("pointerdown", () => { isDown = true; }, true);
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => {
    isDown = false;
    if (isMissed) setTimeout(() => { if (isMissed && !isDown) draw(); }, 250);
  }, true);
}

export function drawTop() {
  if (!tablet.snapshot) return;
  const about = context();
  const crew = document.getElementById("crew");
  if (crew) show(crew, "crew", crewModel(about));
  const { sync, waiting, messages } = tablet;
  const is = badge({ waiting: waiting.length, sending: sync.sending, sentAt: sync.sentAt, trouble: sync.trouble });
  const unread = messages.filter((one) => !one.is_read).length;
  const at = sync.sentAt ? hours(sync.sentAt, about.zone) : "";
  show(document.getElementById("badge"), "badge", { ...is, [is.state]: true, at, unread, css: `is-${is.state}` });
  show(document.getElementById("queue-strip"), "strip", badgeStripModel(tablet, about));
  const clock = document.getElementById("tablet-clock");
  clock.firstElementChild.textContent = hours(serverNow(sync.offsetMs), about.zone);
  clock.lastElementChild.textContent = day(serverNow(sync.offsetMs), about.zone);
}

function common(about) {
  // Over the keys of a report nothing lies.
  const isFree = tablet.view.name !== "report" && !tablet.sheet;
  const said = isFree && tablet.said && tablet.said.until > Date.now() ? tablet.said : null;
  const codes = { root, code: config.station, typed: tablet.typed, sentence: tablet.sentence };
  return { ...codes, said, hasUpdate: Boolean(tablet.update), isCut: Boolean(tablet.sync.trouble), ...crewModel(about) };
}

const PAGES = {
  list: (about) => listModel(about),
  job: (about, job) => ({ ...jobModel(job, about), how: howOf(job), objection: objection(about.shown, job.state === "paused" ? "resume" : "start", job) }),
  report: (about, job) => reportModel(job, entryOf(job.id), about, words, Boolean(tablet.sync.trouble)),
  pause: (about, job) => ({ ...jobRow(job, about), good: job.good, reasons: about.shown.reasons.pause }),
  stop: (about) => {
    const running = about.shown.jobs.find(isAtWork);
    const { down, isDown: stands } = listModel(about);
    const { estimate = "" } = tablet.typed.stop ?? {};
    const reasons = about.shown.reasons.downtime;
    const spans = JSON.parse(config.estimates).map(([id, name]) => ({ id, name, isOn: String(id) === String(estimate) }));
    return { down, stands, running, reasons, spans };
  },
};

// What the open sheet shows besides what every page has.
function sheetModel(about, job) {
  const { sheet } = tablet;
  const model = { ...sheet };
  if (job) Object.assign(model, { job: jobModel(job, about) });
  if (sheet.name === "messages") model.rows = [...tablet.messages].reverse().map((one) => ({ ...one, isKept: one.status === "quarantined", when: hours(one.at, about.zone) }));
  if (sheet.name === "check") model.due = judged(sheet.due, tablet.typed.check ?? {});
  if (sheet.name === "fault") {
    model.pieces = sheet.pieces ?? 1;
    model.defects = about.shown.reasons.scrap.map((one) => ({ ...one, isOn: String(one.id) === sheet.defect }));
  }
  if (sheet.name === "allow") {
    model.leads = about.shown.people.filter((one) => about.shown.leads?.includes(one.id) && one.id !== sheet.person).map((one) => ({ id: one.id, name: one.name, face: initials(one.name) }));
    model.whys = JSON.parse(config.allowances).map(([why, word]) => ({ why, word, isOn: why === sheet.why }));
  }
  if (sheet.name === "pin") model.dots = "•".repeat(sheet.pin.length);
  if (sheet.name === "notes") model.rows = about.shown.notes.map((one) => ({ ...one, when: `${day(one.at, about.zone)} ${hours(one.at, about.zone)}` }));
  return model;
}

export function draw() {
  if (!tablet.snapshot) return;
  if (isDown) { isMissed = true; return; }
  isMissed = false;
  const about = context();
  drawTop();
  const { view, sheet } = tablet;
  const job = view.job ? jobOf(about.shown, view.job) : null;
  if (view.job && !job) {
    tablet.view = { name: "list", job: null };
    tablet.sheet = null;
    history.replaceState(null, "", root);
    draw();
    return;
  }
  const page = document.getElementById("page");
  page.classList.remove("with-side");
  page.classList.add("is-bare");
  const about2 = { ...common(about), ...PAGES[view.name](about, job) };
  if (sheet) show(page, `sheet-${sheet.name}`, { ...about2, ...sheetModel(about, sheet.job ? jobOf(about.shown, sheet.job) : job) });
  else show(page, view.name, about2);
  if (sheet?.name === "camera") camera.shownIn(document.getElementById("camera"));
  else camera.close();
  show(document.getElementById("saved"), "saved", about2);
  document.title = `${config.station} · Throughline`;
}
