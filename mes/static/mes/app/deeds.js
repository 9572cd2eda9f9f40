// A tap: saved on the tablet first, shown, then sent; while somebody looks, the page follows the server's answer.
import { byBadge, comes, goes, mustProve, pinIsRight } from "./people.js";
import { askLead, askPin } from "./net.js";
import { correctionOf, mayLeave } from "./queue.js";
import { isOnline, keepTeam, reread, tablet } from "./state.js";

const WAIT_MS = 1500;
const UNDO_MS = 10000;
// What must never wait for a name.
const NEEDS_NOBODY = new Set(["machine_up", "machine_down", "andon"]);
const waiters = new Map();

// An answer has come: whoever waits for it hears it.
export function heard(answers) {
  for (const one of answers) {
    waiters.get(one.id)?.(one);
    waiters.delete(one.id);
  }
}

function answerOf(id) {
  return new Promise((resolve) => {
    waiters.set(id, resolve);
    setTimeout(() => { if (waiters.delete(id)) resolve(null); }, WAIT_MS);
  });
}

export class Nobody extends Error {}
export class NotSaved extends Error {}

// Save an event; resolves to {event, refused, code} when it is on the disk and the server has answered or was not reached.
export async function act(kind, fields = {}, photo = null, onSaved = () => {}) {
  const { team, snapshot, store, sync } = tablet;
  if (team.active === null && !NEEDS_NOBODY.has(kind)) throw new Nobody();
  performance.mark("tap");
  const live = isOnline() && tablet.waiting.every((one) => one.live);
  const event = { kind, at: new Date().toISOString(), machine: snapshot.machine.id, operator: team.active, live, ...fields };
  let saved;
  try {
    saved = await store.add(event, photo);
  } catch (error) {
    throw new NotSaved(error.message);
  }
  performance.measure("tap-saved", "tap");
  tablet.waiting.push(saved);
  tablet.team.at = Date.now();
  onSaved(saved);
  const answered = live ? answerOf(saved.id) : null;
  tablet.channel?.postMessage({ kind: "added" });
  sync.drain();
  const answer = await answered;
  if (answer?.status !== "rejected") return { event: saved, refused: "", code: "" };
  await store.remove("messages", saved.id);
  await reread();
  return { event: saved, refused: answer.sentence, code: answer.code };
}

// "Saved. Undo" for ten seconds; `what` picks the words in the template, `isWaiting` when nobody has answered yet.
export function say(what, values = {}, event = null) {
  const isWaiting = event ? tablet.waiting.some((one) => one.id === event.id) : false;
  tablet.said = { [what]: true, ...values, event, isWaiting, canUndo: Boolean(event), until: Date.now() + UNDO_MS };
  setTimeout(() => tablet.redraw(), UNDO_MS + 50);
}

export async function undo() {
  const event = tablet.said?.event;
  tablet.said = null;
  return event ? act("correction", correctionOf(event)) : null;
}

// ---- Who works ----

export const personOf = (id) => tablet.snapshot.people.find((one) => one.id === Number(id)) ?? null;

export async function chooses(id, isProved = false) {
  await keepTeam(comes(tablet.team, Number(id), Date.now(), isProved));
}

export async function leaves(id) {
  if (!mayLeave(tablet.waiting, Number(id))) return false;
  await keepTeam(goes(tablet.team, Number(id)));
  return true;
}

export const needsPin = (id) => mustProve(tablet.team, personOf(id), Date.now());

// "" when it is right; the server counts wrong ones, without it the tablet compares by itself.
export async function pinSaid(id, pin) {
  const told = isOnline() ? await askPin(id, pin) : null;
  if (told !== null) return told;
  const is = await pinIsRight(personOf(id), pin);
  if (is === null) return "?";
  return is ? "" : "!";
}

// The shift lead lets somebody work without the skill: null when the server cannot be asked.
export const leadAllows = async (fields) => (isOnline() ? askLead(fields) : null);

export const badgeOf = (code) => byBadge(tablet.snapshot.people, code);
