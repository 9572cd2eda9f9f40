// What this page knows, in one place: what the tablet keeps, what waits, who works, what is shown.
import { serverNow } from "./clock.js";
import { fold } from "./fold.js";
import { empty } from "./pads.js";
import { nobody } from "./people.js";

export const config = document.getElementById("tablet")?.dataset ?? {};
export const words = JSON.parse(config.words ?? "[]");

export const tablet = {
  store: null,
  sync: null,
  snapshot: null,
  waiting: [],
  sent: [],
  messages: [],
  team: nobody(),
  view: { name: "list", job: null },
  sheet: null,
  entries: new Map(),
  typed: {},
  said: null,
  sentence: "",
  doubtful: null,
  update: null,
};

export const root = config.root ?? "";
export const isOnline = () => navigator.onLine && !tablet.sync.trouble;

export function context() {
  const shown = fold(tablet.snapshot, [...tablet.sent, ...tablet.waiting]);
  return { shown, now: serverNow(tablet.sync.offsetMs), zone: tablet.snapshot.plant.zone, team: tablet.team };
}

export const jobOf = (shown, id) => shown.jobs.find((one) => one.id === Number(id)) ?? null;

export function entryOf(id) {
  if (!tablet.entries.has(id)) tablet.entries.set(id, empty());
  return tablet.entries.get(id);
}

// What the store holds of this plant's queue, read again after every change by this or another tab.
export async function reread() {
  const { store } = tablet;
  [tablet.waiting, tablet.sent, tablet.messages] = await Promise.all([store.waiting(), store.all("sent"), store.all("messages")]);
}

export async function keepTeam(team) {
  tablet.team = team;
  await tablet.store.setMeta("team", team);
}
