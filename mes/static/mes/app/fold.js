// What the waiting events do to what the tablet shows, as the server will see it: pure, nothing of the snapshot is changed.

const number = (text) => Number(text ?? 0) || 0;
const left = (job) => Math.max(0, round(number(job.input) - number(job.good) - number(job.scrap) - number(job.rework)));
const round = (value) => Math.round(value * 1e6) / 1e6;
const RANK = { running: 0, setup: 0, paused: 1 };
const AT_WORK = new Set(["running", "setup"]);

export const isAtWork = (job) => AT_WORK.has(job.state);

export const remaining = left;

// More than can be reported: the server keeps it for the shift lead, and until then it counts for nothing.
export const isOver = (job, { good, scrap, rework }) => round(number(good) + number(scrap) + number(rework)) > left(job);
export const toMake = (job) => Math.max(0, round(number(job.quantity) - number(job.good) - number(job.scrap) - number(job.rework)));

function clockStops(job, at) {
  if (isAtWork(job) && job.resumed) job.unbooked_sec += Math.max(0, (Date.parse(at) - Date.parse(job.resumed)) / 1000);
}

function count(job, event, sign) {
  for (const name of ["good", "scrap", "rework"]) job[name] = String(Math.max(0, round(number(job[name]) + sign * number(event[name]))));
}

function busy(shown, at) {
  const has = (state) => shown.jobs.some((one) => one.state === state);
  const state = has("running") ? "producing" : has("setup") ? "setup" : "stopped";
  shown.machine = { ...shown.machine, state, since: at };
}

const EFFECTS = {
  setup(shown, event, job) {
    Object.assign(job, { state: "setup", resumed: event.at, started: event.at });
    busy(shown, event.at);
  },
  // The clock of the setup goes on.
  start(shown, event, job) {
    Object.assign(job, { state: "running", resumed: job.state === "setup" ? job.resumed : event.at, started: job.started ?? event.at });
    busy(shown, event.at);
  },
  resume(shown, event, job) {
    Object.assign(job, { state: "running", resumed: event.at });
    busy(shown, event.at);
  },
  pause(shown, event, job) {
    clockStops(job, event.at);
    job.state = "paused";
    busy(shown, event.at);
  },
  report(shown, event, job) {
    if (isOver(job, event)) return;
    count(job, event, 1);
    Object.assign(job, { unbooked_sec: 0, resumed: event.at, state: job.state === "setup" ? "running" : job.state });
    shown.good_today = String(round(number(shown.good_today) + number(event.good)));
    if (toMake(job) === 0 && number(job.rework) === 0) job.state = "finished";
    if (job.state === "finished") busy(shown, event.at);
  },
  finish(shown, event, job) {
    if (isOver(job, event)) return;
    EFFECTS.report(shown, event, job);
    job.state = "finished";
    busy(shown, event.at);
  },
  machine_down(shown, event) {
    for (const job of shown.jobs) {
      if (isAtWork(job)) { clockStops(job, event.at); job.state = "paused"; }
    }
    const reason = shown.reasons.downtime.find((one) => one.id === event.reason);
    shown.machine = { ...shown.machine, state: "fault", since: event.at, down_reason: reason?.name ?? "", alarm_state: "", back_at: event.payload?.estimated_until ?? null };
  },
  machine_up(shown, event) {
    shown.machine = { ...shown.machine, state: "idle", since: event.at, down_reason: "", back_at: null };
    if (shown.jobs.some((one) => one.state === "paused")) shown.machine.state = "stopped";
  },
  note(shown, event) {
    const by = shown.people.find((one) => one.id === event.operator)?.name ?? "";
    shown.notes.unshift({ id: event.id, text: event.payload?.text ?? "", by, at: event.at, operation: event.operation ?? null, is_handover: event.kind === "handover" });
  },
  check(shown, event, job) {
    if (job?.checks) job.checks = job.checks.map((one) => (one.id === event.payload?.plan ? { ...one, is_due: false } : one));
  },
  clock_in(shown, event) { present(shown, event, "in"); },
  clock_out(shown, event) { present(shown, event, "out"); },
  break_start(shown, event) { present(shown, event, "break"); },
  break_end(shown, event) { present(shown, event, "in"); },
  join(shown, event, job) { if (job) job.crew = [...new Set([...(job.crew ?? []), event.operator])]; },
  leave(shown, event, job) { if (job) job.crew = (job.crew ?? []).filter((one) => one !== event.operator); },
  andon(shown, event) { shown.called_at = event.at; },
  correction(shown, event, job) {
    const was = event.undoes;
    if (was?.kind === "machine_down") EFFECTS.machine_up(shown, event);
    if (!was || !job || was.kind === "machine_down") return;
    if (was.kind === "report" || was.kind === "finish") {
      count(job, was, -1);
      shown.good_today = String(Math.max(0, round(number(shown.good_today) - number(was.good))));
      if (job.state === "finished") job.state = "running";
    } else if (was.kind === "start" || was.kind === "setup") Object.assign(job, { state: "planned", resumed: null });
    else if (was.kind === "pause") Object.assign(job, { state: "running", resumed: event.at });
    else if (was.kind === "resume") job.state = "paused";
    busy(shown, event.at);
  },
};
EFFECTS.handover = EFFECTS.note;
const NEEDS_JOB = new Set(["setup", "start", "pause", "resume", "report", "finish"]);

function present(shown, event, state) {
  shown.people = shown.people.map((one) => (one.id === event.operator ? { ...one, presence: state, since: event.at } : one));
}

// The snapshot with the events of this machine on top that it does not know yet; what is undone by a correction is left
// out together with it.
export function fold(snapshot, events) {
  const shown = { ...snapshot, jobs: snapshot.jobs.map((one) => ({ ...one })), notes: [...(snapshot.notes ?? [])] };
  const known = new Set(snapshot.known);
  const ordered = events.filter((one) => !known.has(one.id)).sort((one, other) => one.seq - other.seq);
  const undone = new Map(ordered.filter((one) => one.kind === "correction").map((one) => [one.payload?.corrects, one.seq]));
  const here = new Set(ordered.map((one) => one.id));
  for (const event of ordered) {
    if (undone.has(event.id) || (event.kind === "correction" && here.has(event.payload?.corrects))) continue;
    if (event.machine !== undefined && event.machine !== null && event.machine !== snapshot.machine.id) continue;
    const job = shown.jobs.find((one) => one.id === event.operation);
    if (NEEDS_JOB.has(event.kind) && !job) continue;
    EFFECTS[event.kind]?.(shown, event, job);
  }
  shown.jobs = shown.jobs.filter((one) => one.state !== "finished");
  const order = new Map(shown.jobs.map((one, place) => [one.id, place]));
  shown.jobs.sort((one, other) => (RANK[one.state] ?? 2) - (RANK[other.state] ?? 2) || order.get(one.id) - order.get(other.id));
  return shown;
}

// Why this tap makes no sense here, before it is saved; empty when it does. The server has the last word.
export function objection(shown, kind, job) {
  const running = shown.jobs.find(isAtWork);
  if ((kind === "start" || kind === "resume") && shown.machine.state === "fault") return "down";
  if ((kind === "start" || kind === "resume") && running && running.id !== job.id) return "busy";
  return "";
}
