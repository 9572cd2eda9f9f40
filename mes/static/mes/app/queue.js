// What waits on the tablet, and what becomes of it: pure, so that a test can play every way an answer gets lost.

export const MOST = 100;
const LIVE_MS = 10000;
const DONE = new Set(["applied", "replay"]);
// Of the record that the tablet keeps, the fields that the server is told.
const WIRE = ["id", "seq", "kind", "at", "operation", "machine", "operator", "good", "scrap", "rework", "reason", "lot", "payload"];

export const inSequence = (events) => [...events].sort((one, other) => one.seq - other.seq);


// A tap that somebody still looks at may be refused in place; sent a second time it must be kept whatever it is.
export const isLive = (event, now) => Boolean(event.live) && !event.tries && now - Date.parse(event.at) < LIVE_MS;

// The next POST: in sequence, at most `most`. A live tap goes alone: refused, it leaves no gap in the numbers of a batch.
export function nextBatch(events, most = MOST, now = Date.now()) {
  const ordered = inSequence(events).slice(0, most);
  const live = ordered.findIndex((one) => isLive(one, now));
  return live < 0 ? ordered : ordered.slice(0, Math.max(1, live));
}

export function toWire(event, now) {
  const told = {};
  for (const name of WIRE) {
    if (event[name] !== undefined && event[name] !== null && event[name] !== "") told[name] = event[name];
  }
  if (isLive(event, now)) told.is_online = true;
  return told;
}

// What the answers do: `gone` leaves the queue, `sent` is shown until a newer snapshot holds it, `messages` are for people.
export function afterAnswers(batch, answers, now) {
  const told = new Map(answers.map((one) => [one.id, one]));
  const after = { gone: [], sent: [], messages: [], answers: told };
  for (const event of batch) {
    const answer = told.get(event.id);
    if (!answer) continue;
    if (DONE.has(answer.status)) after.sent.push({ ...event, answered_at: now });
    else if (answer.status === "quarantined" || answer.status === "rejected") after.messages.push(message(event, answer, now));
    else continue;
    after.gone.push(event.seq);
  }
  return after;
}

export function message(event, { status, code = "", sentence = "" }, now) {
  return { id: event.id, status, code, sentence, at: now, event, is_read: false };
}

// The badge, always one of: sent, waiting, sending, login, revoked.
export function badge({ waiting, sending = 0, sentAt = null, trouble = "" }) {
  if (trouble === "login" || trouble === "revoked") return { state: trouble, count: waiting };
  if (sending && waiting) return { state: "sending", count: waiting, done: Math.max(1, sending) };
  if (waiting) return { state: "waiting", count: waiting };
  return { state: "sent", count: 0, at: sentAt };
}

// Who may go while something waits? Nobody: the reports would stay behind.
export const mayLeave = (events, operator = null) => !events.some((one) => operator === null || one.operator === operator);

// A tap that the person takes back: a new event that reverses, with what the screen must undo.
export function correctionOf(event) {
  const { kind, operation, machine, good, scrap, rework } = event;
  return { kind: "correction", operation, machine, payload: { corrects: event.id }, undoes: { id: event.id, kind, good, scrap, rework } };
}
