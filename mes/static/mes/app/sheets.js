// The sheets over a job: people and PIN, help, notes, checks, what was wrong, tools, messages, camera.
import { tell } from "./actions.js";
import * as camera from "./camera.js";
import { chooses, leadAllows, leaves, needsPin, personOf, pinSaid, undo } from "./deeds.js";
import { go } from "./moves.js";
import { reread, tablet } from "./state.js";
import { taken } from "./photo.js";

const LONGEST_PIN = 8;
const open = (name, more = {}) => { tablet.sheet = { name, ...more }; };
const jobId = () => tablet.view.job;
const ofJob = () => (jobId() ? { operation: jobId() } : {});

async function come(id) {
  await chooses(id, false);
  tablet.sheet = null;
}

// Said by the server alone: a PIN compared on a tablet that was taken away must not open a machine.
async function allow(sheet) {
  const { allows } = sheet;
  const told = await leadAllows({ lead: sheet.person, pin: sheet.pin, person: allows.person, operation: allows.job, reason: allows.word });
  if (told !== "") {
    Object.assign(sheet, { pin: "", isWrong: true, isCutOff: told === null, said: told ?? "" });
    return;
  }
  tablet.sheet = null;
  await tablet.perform(allows.then.do, allows.then);
}

export const sheetActions = {
  open: ({ sheet, job }) => open(sheet, job ? { job: Number(job) } : {}),
  close: () => { tablet.sheet = tablet.sheet?.under ?? null; },

  // The sheet that asked for a code comes back with it.
  camera() {
    const under = tablet.sheet?.name === "camera" ? tablet.sheet.under : tablet.sheet;
    const sheet = { name: "camera", under };
    tablet.sheet = sheet;
    camera.open((code) => { if (tablet.sheet === sheet) tablet.scanned(code); }).then((why) => {
      if (!why || tablet.sheet !== sheet) return;
      Object.assign(sheet, { cannot: true, [why]: true });
      tablet.redraw();
    });
  },

  // ---- People ----
  async person({ person }) {
    const id = Number(person);
    if (tablet.team.active === id) { open("people"); return; }
    if (needsPin(id)) open("pin", { person: id, who: personOf(id).name, pin: "" });
    else await come(id);
  },
  digit({ key }) {
    const { sheet } = tablet;
    if (key === "C") sheet.pin = "";
    else if (key === "back") sheet.pin = sheet.pin.slice(0, -1);
    else if (sheet.pin.length < LONGEST_PIN) sheet.pin += key;
    Object.assign(sheet, { isWrong: false, said: "" });
  },
  async pin() {
    const { sheet } = tablet;
    if (sheet.allows) { await allow(sheet); return; }
    const told = await pinSaid(sheet.person, sheet.pin);
    if (told) {
      Object.assign(sheet, { pin: "", isWrong: true, isPlain: told === "!", cannot: told === "?", said: told.length > 1 ? told : "" });
      return;
    }
    await chooses(sheet.person, true);
    tablet.sheet = null;
    if (sheet.then) await tablet.perform(sheet.then.do, sheet.then);
  },
  async gone({ person }) {
    if (await leaves(person)) tablet.sheet = null;
    else tablet.sheet.isRefused = true;
  },
  async presence({ kind, person }) {
    await chooses(person, false);
    await tell(kind, {}, { canUndo: true });
  },
  async crew({ kind }) { await tell(kind, ofJob(), { canUndo: true, again: { do: "crew", kind, job: jobId() } }); },

  // ---- The shift lead lets somebody work without a skill: why, who, PIN ----
  why({ why, word }) { Object.assign(tablet.sheet, { why, word, isEmpty: false }); },
  lead({ person }) {
    const { sheet } = tablet;
    if (!sheet.why) { sheet.isEmpty = true; return; }
    open("pin", { person: Number(person), who: personOf(person).name, pin: "", isLead: true, allows: sheet, under: sheet });
  },
  // Logging out with a queue would leave reports behind.
  leave({ form }) {
    if (tablet.waiting.length) tablet.sheet = { name: "people", isRefused: true };
    else document.getElementById(form).requestSubmit();
  },

  // ---- Help: the call goes at once, what for is added ----
  async help() {
    const { event } = await tell("andon", { ...ofJob(), payload: { for: "" } }, { said: "" });
    open("help", { call: event.id });
  },
  async "help-for"({ what, word }) {
    await tell("andon", { ...ofJob(), payload: { what: word, for: what, follows: tablet.sheet.call } }, { said: "andon" });
  },

  // ---- Notes, faults, tools, checks ----
  async note({ kind }) {
    const text = (tablet.typed.note ?? "").trim();
    if (!text) { tablet.sheet.isEmpty = true; return; }
    const photo = tablet.sheet.photo ?? null;
    const fields = { ...(kind === "note" ? ofJob() : {}), payload: { text, ...(photo ? { photo: photo.id } : {}) } };
    tablet.typed.note = "";
    await tell(kind, fields, { photo, canUndo: true });
  },
  async "sheet-photo"() {
    const photo = await taken();
    if (photo && tablet.sheet) Object.assign(tablet.sheet, { photo, hasPhoto: true });
  },
  async fault() {
    const text = (tablet.typed.fault ?? "").trim();
    const { photo = null, defect = "", pieces = 1 } = tablet.sheet;
    if (!text && !defect) { tablet.sheet.isEmpty = true; return; }
    tablet.typed.fault = "";
    await tell("nonconformance", { ...ofJob(), payload: { text, quantity: String(pieces), ...(defect ? { defect: Number(defect) } : {}), ...(photo ? { photo: photo.id } : {}) } }, { photo, canUndo: true });
  },
  defect({ reason }) {
    const { sheet } = tablet;
    Object.assign(sheet, { defect: sheet.defect === reason ? "" : reason, isEmpty: false });
  },
  "fault-pieces": ({ step }) => { tablet.sheet.pieces = Math.max(1, (tablet.sheet.pieces ?? 1) + Number(step)); },
  async tool() {
    const text = (tablet.typed.tool ?? "").trim();
    tablet.typed.tool = "";
    await tell("tool_change", { ...ofJob(), payload: { tool: text } }, { canUndo: true });
  },
  verdict: ({ line, is }) => {
    tablet.typed.check = { ...tablet.typed.check, [line]: is };
  },

  // ---- Messages and the app itself ----
  async read() {
    await tablet.store.put("messages", ...tablet.messages.map((one) => ({ ...one, is_read: true })));
    await reread();
    tablet.sheet = null;
  },
  async forget({ id }) {
    await tablet.store.remove("messages", id);
    await reread();
  },
  async undo() {
    const answer = await undo();
    if (answer?.refused) tablet.sentence = answer.refused;
  },
  dismiss: () => { tablet.said = null; tablet.sentence = ""; },
  // This tab starts again with the new version; another one that is in use goes on as it is until it is loaded anew.
  update() {
    tablet.isUpdating = true;
    tablet.update?.postMessage("take over");
  },
  list: () => go({ name: "list", job: null }),
};
