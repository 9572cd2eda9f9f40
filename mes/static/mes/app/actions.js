// What the buttons of job, report, pause and stop do. Each saves one event; a refusal is shown where the tap was.
import { act, chooses, needsPin, say } from "./deeds.js";
import { go } from "./moves.js";
import { amount } from "./models.js";
import { clean } from "../count.js";
import { isAtWork, isOver, remaining } from "./fold.js";
import { partOf } from "./lots.js";
import * as pads from "./pads.js";
import { taken } from "./photo.js";
import { config, context, entryOf, jobOf, tablet } from "./state.js";

const shownJob = (id) => jobOf(context().shown, id ?? tablet.view.job);

// Save it, follow the answer: `to` is shown at once, and what was there again when the server refuses.
export async function tell(kind, fields, { to = null, said = kind, values = {}, photo = null, canUndo = false, again = null } = {}) {
  const before = tablet.view;
  tablet.sentence = "";
  const { event, refused, code } = await act(kind, fields, photo, () => { tablet.sheet = null; if (to) go(to); else tablet.redraw(); });
  if (refused) {
    go(before);
    if (code === "skill_missing" && again) tablet.sheet = { name: "allow", job: Number(again.job), person: event.operator, sentence: refused, why: "", then: again };
    else tablet.sentence = refused;
  } else if (said) say(said, values, canUndo ? event : null);
  tablet.redraw();
  return { event, refused };
}

// The first that waits in the plan; to start another one before it needs a reason.
const nextInPlan = () => context().shown.jobs.find((one) => one.state === "planned");

// SET UP or START: one tap for the next in plan; what is set up already is past that.
async function begin(kind, { job, why }) {
  const wanted = shownJob(Number(job));
  if (!wanted) return;
  const next = wanted.state === "planned" ? nextInPlan() : null;
  const isAnother = next && next.id !== wanted.id;
  if (isAnother && !why) { tablet.sheet = { name: "why", job: wanted.id, first: next, kind }; return; }
  const again = { do: kind, job, why };
  if (isAnother && tablet.team.active !== null && needsPin(tablet.team.active)) {
    tablet.sheet = { name: "pin", person: tablet.team.active, pin: "", who: personName(), then: again, isAgain: true };
    return;
  }
  const payload = isAnother ? { payload: { instead_of: next.id, why } } : {};
  await tell(kind, { operation: wanted.id, ...payload }, { to: { name: "job", job: wanted.id }, again });
}

export const jobActions = {
  start: (data) => begin("start", data),
  setup: (data) => begin("setup", data),
  async resume({ job }) {
    await tell("resume", { operation: Number(job) }, { to: { name: "job", job: Number(job) }, again: { do: "resume", job } });
  },
  async pause({ reason }) {
    const { job } = tablet.view;
    await tell("pause", { operation: job, ...(reason ? { reason: Number(reason) } : {}) }, { to: { name: "job", job }, canUndo: true });
  },
  async finish({ job }) {
    await tell("finish", { operation: Number(job), good: "0", scrap: "0", rework: "0" }, { to: { name: "list", job: null }, canUndo: true });
  },
  async down({ reason }) {
    const { estimate } = tablet.typed.stop ?? {};
    const running = context().shown.jobs.find(isAtWork);
    const minutes = Number(estimate);
    const payload = minutes ? { payload: { estimate_min: minutes, estimated_until: new Date(context().now.getTime() + minutes * 60000).toISOString() } } : {};
    await tell("machine_down", { ...(running ? { operation: running.id } : {}), ...(reason ? { reason: Number(reason) } : {}), ...payload }, { canUndo: true });
    delete tablet.typed.stop;
    tablet.redraw();
  },
  async up() {
    await tell("machine_up", {}, { to: { name: "list", job: null } });
  },
  choose({ field, value }) {
    tablet.typed.stop = { ...tablet.typed.stop, [field]: value };
  },
};

const personName = () => tablet.snapshot.people.find((one) => one.id === tablet.team.active)?.name ?? "";

function change(to) {
  const { job } = tablet.view;
  tablet.entries.set(job, to(entryOf(job)));
}

export const reportActions = {
  pad: ({ pad }) => change((entry) => pads.choose(entry, pad)),
  add: ({ pad, step }) => change((entry) => (Number(step) < 0 ? pads.less(entry, pad) : pads.add(entry, pad, Number(step)))),
  more: ({ step }) => change((entry) => pads.add(entry, entry.chosen, Number(step))),
  key: ({ key }) => change((entry) => pads.press(entry, key)),
  reason: ({ reason }) => change((entry) => pads.tapReason(entry, reason)),
  less: ({ reason }) => change((entry) => pads.lessReason(entry, reason)),
  all: () => change((entry) => {
    const left = clean(remaining(shownJob()) - clean(entry.scrap) - clean(entry.rework));
    return pads.set({ ...entry, chosen: "good" }, "good", Math.max(0, left));
  }),
  "finish-too": () => change((entry) => ({ ...entry, finish: !entry.finish })),
  "no-lot": ({ lot }) => change((entry) => ({ ...entry, lots: entry.lots.filter((one) => one.lot !== lot) })),
  async photo() {
    const photo = await taken();
    if (photo) change((entry) => ({ ...entry, photo }));
  },
  "no-photo": () => change((entry) => ({ ...entry, photo: null })),
  async "save-all"() {
    reportActions.all();
    await reportActions.save();
  },
  async save() {
    const job = shownJob();
    const entry = entryOf(job.id);
    const fields = pads.told(entry, job);
    const isAll = [fields.good, fields.scrap, fields.rework].reduce((all, one) => all + Number(one), 0) >= remaining(job) && remaining(job) >= Number(job.quantity) - Number(job.good) - Number(job.scrap) - Number(job.rework);
    const isTooMany = isOver(job, fields);
    const isEnd = !isTooMany && (entry.finish || (isAll && !Number(fields.rework) && !Number(job.rework)));
    tablet.entries.delete(job.id);
    const values = { good: amount(fields.good), scrap: amount(fields.scrap), rework: amount(fields.rework), isTooMany, isRework: !isTooMany && Number(fields.rework) > 0, isPlain: !isTooMany && !Number(fields.rework), isEnd };
    const to = isEnd ? { name: "list", job: null } : { name: "job", job: job.id };
    const { refused } = await tell(entry.finish ? "finish" : "report", { operation: job.id, ...fields }, { to, said: "report", values, photo: entry.photo, canUndo: true });
    // Not taken: what was typed is given back, with the reason above it.
    if (refused) {
      tablet.entries.set(job.id, { ...entry, sentence: refused });
      tablet.sentence = "";
      go({ name: "report", job: job.id });
    }
  },
};

// A lot that was scanned in a report. What lies nowhere here is taken when it is scanned a second time: the book may be wrong.
export function scannedLot(code) {
  const job = shownJob();
  const entry = entryOf(job.id);
  const { part, lot, isUnknown } = partOf(job, tablet.snapshot.lots, code, entry.lots);
  if (!part || entry.lots.some((one) => one.lot === lot)) return;
  if (isUnknown && tablet.doubtful !== code) {
    tablet.doubtful = code;
    change((one) => ({ ...one, sentence: config.noLot.replace("%(code)s", code) }));
    return;
  }
  tablet.doubtful = null;
  change((one) => ({ ...one, sentence: "", lots: [...one.lots, { lot, material: part.material, part: part.name }] }));
}

export const proved = async (id) => chooses(id, true);
