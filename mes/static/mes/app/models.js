// What the templates show, out of what the tablet keeps: pure. `now` is the server's time, `zone` the plant's.
import { outcome, clean } from "../count.js";
import { day, hours, lasting, minutesBetween, soon } from "./clock.js";
import { isAtWork, remaining, toMake } from "./fold.js";
import { PADS, withoutReason } from "./pads.js";
import { initials } from "./people.js";

const MOST_CELLS = 60;
export const amount = (value) => Number(value).toLocaleString("en-US", { maximumFractionDigits: 6 });
const missing = (job) => job.parts.filter((one) => Number(one.missing) > 0);

// One of: held (whatever the work has come to, as mes/held.py has it), setup, running, paused, after (the step before), short, some (pieces are here), ready.
export function readiness(job) {
  if (job.is_held) return "held";
  if (job.state !== "planned") return job.state;
  if (job.before && Number(job.input) === 0) return "after";
  if (job.short) return "short";
  return Number(job.input) < Number(job.quantity) ? "some" : "ready";
}

export function worked(job, now) {
  const running = isAtWork(job) && job.resumed ? (now - new Date(job.resumed)) / 1000 : 0;
  return Math.floor((Number(job.unbooked_sec) + Math.max(0, running)) / 60);
}

export function cells(job) {
  const counts = PADS.map((pad) => Number(job[pad]));
  if (Number(job.quantity) > MOST_CELLS || [Number(job.quantity), ...counts].some((one) => one % 1)) return [];
  const found = PADS.flatMap((pad, place) => Array.from({ length: counts[place] }, () => ({ css: `is-${pad}` })));
  return [...found, ...Array.from({ length: Math.max(0, Number(job.quantity) - found.length) }, () => ({ css: "is-open" }))];
}

export function jobRow(job, { shown, now, zone }, place = 0) {
  const ready = readiness(job);
  const open = toMake(job);
  return {
    ...job,
    place: place + 1,
    [`r_${ready}`]: true,
    shortCount: job.short,
    isRunning: job.state === "running",
    isPaused: job.state === "paused",
    isSetup: job.state === "setup",
    isPlanned: job.state === "planned",
    needsSetup: job.state === "planned" && Number(job.setup) > 0,
    forWhom: job.order || "",
    isForStock: !job.order,
    open: amount(open),
    all: amount(job.quantity),
    here: amount(job.input),
    startsAt: soon(job.starts, now, zone),
    startsHour: hours(job.starts, zone),
    startsDay: day(job.starts, zone),
    endsAt: soon(job.ends, now, zone),
    due: job.promised ? day(job.promised, zone) : "",
    isDown: shown.machine.state === "fault",
    canWork: shown.may.work && shown.machine.state !== "fault",
    canReport: shown.may.report,
    partWord: job.short === 1,
  };
}

export function listModel(context) {
  const { shown, now, zone } = context;
  const rows = shown.jobs.map((job, place) => jobRow(job, context, place));
  const { machine } = shown;
  return {
    first: rows[0] ?? null,
    first_in: rows.slice(0, 1),
    rest: rows.slice(1),
    isEmpty: rows.length === 0,
    jobCount: shown.job_count,
    oneJob: shown.job_count === 1,
    machine: { ...machine, [machine.state]: true, css: `is-${machine.state}`, sinceAt: machine.since ? soon(machine.since, now, zone) : "" },
    isDown: machine.state === "fault",
    good: amount(shown.good_today),
    oneGood: Number(shown.good_today) === 1,
    plannedAt: shown.told_at ? soon(shown.told_at, now, zone) : "",
    lastEnd: shown.last_end ? soon(shown.last_end, now, zone) : "",
    moreCount: shown.job_count - shown.jobs.length > 0 ? shown.job_count - shown.jobs.length : "",
    mayStop: shown.may.stop && machine.state !== "fault",
    noteCount: shown.notes.length,
    oneNote: shown.notes.length === 1,
    down: downModel(context),
  };
}

export function downModel({ shown: { machine, may, alarms = [] }, now, zone }) {
  if (machine.state !== "fault") return null;
  return {
    code: machine.code,
    sinceAt: soon(machine.since, now, zone),
    minutes: minutesBetween(machine.since, now),
    reason: machine.down_reason,
    backAt: machine.back_at ? soon(machine.back_at, now, zone) : "",
    isAnswered: machine.alarm_state === "acknowledged" || machine.alarm_state === "in_repair",
    isTold: machine.alarm_state !== "",
    nobodyYet: machine.alarm_state === "raised" && minutesBetween(machine.since, now) >= 3,
    mayStop: may.stop,
    alarms,
  };
}

export function jobModel(job, context) {
  const { shown, now, zone } = context;
  const row = jobRow(job, context);
  const notes = shown.notes.filter((one) => !one.operation || one.operation === job.id);
  const due = (job.checks ?? []).filter((one) => one.is_due);
  const short = missing(job);
  const left = remaining(job);
  return {
    ...row,
    good: amount(job.good),
    scrapped: Number(job.scrap) ? amount(job.scrap) : "",
    mended: Number(job.rework) ? amount(job.rework) : "",
    left: amount(left),
    isReached: left === 0 && Number(job.good) > 0,
    cells: cells(job),
    percent: Math.round((100 * Number(job.good)) / Number(job.quantity)),
    worked: lasting(worked(job, now)),
    isBehind: job.state !== "planned" && new Date(job.ends) < now,
    minutesBehind: minutesBetween(job.ends, now),
    steps: job.steps.map((one) => stepRow(one, job, now, zone)),
    parts: job.parts.map((one) => ({ ...one, quantity: amount(one.quantity), used: amount(one.used), ready: amount(one.ready), lacks: Number(one.missing) ? amount(one.missing) : "" })),
    hasParts: job.parts.length > 0,
    partsShort: short.length ? short[0] : null,
    isShort: short.length > 0,
    checksDue: due,
    checkDue: due[0] ?? null,
    checks: job.checks ?? [],
    hasChecks: (job.checks ?? []).length > 0,
    note: notes[0] ? { ...notes[0], when: soon(notes[0].at, now, zone) } : null,
    notes: notes.map((one) => ({ ...one, when: soon(one.at, now, zone) })),
    mayStop: shown.may.stop && shown.machine.state !== "fault",
    down: downModel(context),
  };
}

// This job's own step says what the tablet knows, the others what the snapshot does.
function stepRow(one, job, now, zone) {
  const isHere = one.id === job.id;
  const tone = isHere && job.state !== "planned" ? "running" : one.tone;
  const good = amount(isHere ? job.good : one.good);
  return { ...one, [`is_${tone}`]: true, isHere, good, all: amount(one.quantity), at: one.starts ? soon(one.starts, now, zone) : "–" };
}

export function reportModel(job, entry, context, words, isCut = false) {
  const left = remaining(job);
  const said = Object.fromEntries(PADS.map((pad) => [pad, clean(entry[pad])]));
  const open = withoutReason(entry);
  const figures = { before: { good: Number(job.good), scrap: Number(job.scrap), rework: Number(job.rework) }, all: Number(job.quantity), remaining: left };
  const is = outcome({ ...said, hasReason: open === 0, ...figures }, words);
  const isEmpty = said.good + said.scrap + said.rework === 0;
  return {
    ...jobRow(job, context),
    values: entry,
    isGood: entry.chosen === "good",
    isScrap: entry.chosen === "scrap",
    isRework: entry.chosen === "rework",
    goodBefore: amount(job.good),
    scrapBefore: amount(job.scrap),
    reworkNow: amount(job.rework),
    left: amount(left),
    tiles: context.shown.reasons.scrap.map((one) => ({ ...one, count: entry.reasons[one.id] ?? 0, isOn: Boolean(entry.reasons[one.id]) })),
    needsReason: open > 0,
    isEmpty,
    first: isEmpty ? "" : is.first,
    then: isEmpty ? "" : is.then,
    isWrong: is.wrong && !isEmpty,
    // What an order loses by scrap is made again by the server.
    isMadeAgain: Boolean(job.order) && said.scrap > 0 && !is.wrong,
    // Nothing typed: one tap says that all of it is good.
    isWhole: isEmpty && !entry.finish && left > 0,
    isKept: is.wrong && !isEmpty && open === 0 && isCut,
    isOff: (isEmpty && !entry.finish) || open > 0 || (left === 0 && !isEmpty && !isCut),
    finish: entry.finish,
    lots: entry.lots,
    hasLots: entry.lots.length > 0,
    hasParts: job.parts.length > 0,
    hasPhoto: Boolean(entry.photo),
    sentence: entry.sentence,
  };
}

export function crewModel({ shown, team, now, zone }) {
  const known = new Map(shown.people.map((one) => [one.id, one]));
  const here = team.ids.map((id) => known.get(id)).filter(Boolean);
  const one = (person) => ({ id: person.id, name: person.name, face: initials(person.name), isActive: person.id === team.active, isBreak: person.presence === "break", isHere: team.ids.includes(person.id), since: person.since ? soon(person.since, now, zone) : "" });
  return { crew: here.map(one), nobody: here.length === 0, noneActive: here.length > 0 && team.active === null, people: shown.people.map(one), isAlone: here.length < 2 };
}
