// Sends what waits: one tab at a time, in sequence, the same ids until an answer has come. Nothing here forgets an event.
import { MOST, afterAnswers, isLive, nextBatch, toWire } from "./queue.js";

export const PATIENCE_MS = 15000;

export class NeedsLogin extends Error {}
export class Revoked extends NeedsLogin {}
export class Refused extends Error {}

// Only one tab sends; without Web Locks (plain HTTP) each does, and the server answers the second with `replay`.
function alone(locks, work) {
  return locks ? locks.request("throughline-drain", work) : work();
}

export class Sync {
  // `post(body)` returns the answer or throws; `upload(photo)` likewise; `tell(change)` is for screens and other tabs.
  constructor({ store, post, upload, tell = () => {}, locks = globalThis.navigator?.locks, now = () => Date.now(), about = () => ({}) }) {
    Object.assign(this, { store, post, upload, tell, locks, now, about });
    this.trouble = "";
    this.sentence = "";
    this.offlineSince = null;
    this.sentAt = null;
    this.offsetMs = 0;
    this.sending = 0;
    this.isBusy = false;
    this.again = false;
  }

  // Send all that waits. Resolves when nothing more can be done now; a call meanwhile is not lost.
  async drain() {
    if (this.isBusy) { this.again = true; return; }
    this.isBusy = true;
    try {
      do {
        this.again = false;
        await alone(this.locks, async () => { while (await this.step()); });
      } while (this.again && !this.trouble);
    } finally {
      this.isBusy = false;
      this.sending = 0;
      this.tell({ kind: "state" });
    }
  }

  // One POST; true when there may be more to send.
  async step(most = MOST) {
    const batch = nextBatch(await this.store.some(most), most, this.now());
    if (!batch.length) return false;
    this.sending = batch.length;
    this.tell({ kind: "state" });
    try {
      await this.photosOf(batch);
      const now = this.now();
      const body = { ...(await this.about()), sent_at: new Date(now).toISOString(), oldest: batch[0].seq, queue: Math.max(0, (await this.store.count()) - batch.length), events: batch.map((one) => toWire(one, now)) };
      await this.store.tried(batch.filter((one) => isLive(one, now)));
      return await this.take(batch, await this.post(body));
    } catch (error) {
      if (error instanceof Refused && batch.length > 1) return this.step(1);
      if (error instanceof Refused) return this.setAside(batch[0], error);
      this.lost(error);
      return false;
    }
  }

  // A photo goes before the event that names it; its id makes a second time harmless.
  async photosOf(batch) {
    for (const event of batch) {
      const id = event.payload?.photo;
      const photo = id ? await this.store.photo(id) : null;
      if (!photo) continue;
      await this.upload(photo);
      await this.store.remove("photos", id);
    }
  }

  // Nothing to send, but the server learns that the tablet lives, and the tablet what time it is.
  async greet() {
    if (this.isBusy) return;
    try {
      const body = { ...(await this.about()), sent_at: new Date(this.now()).toISOString(), queue: await this.store.count(), events: [] };
      await this.take([], await this.post(body));
    } catch (error) {
      if (!(error instanceof Refused)) this.lost(error);
    }
  }

  async take(batch, answer) {
    const at = new Date(this.now()).toISOString();
    const after = afterAnswers(batch, answer.answers ?? [], at);
    await this.store.answered(after);
    Object.assign(this, { trouble: "", sentence: "", offlineSince: null, sentAt: answer.now ?? at });
    if (Number.isFinite(answer.offset_ms)) {
      this.offsetMs = answer.offset_ms;
      await this.store.setMeta("offset_ms", answer.offset_ms);
    }
    await this.store.setMeta("sent_at", this.sentAt);
    if (batch.length) this.tell({ kind: "answers", answers: [...after.answers.values()], messages: after.messages });
    return after.gone.length > 0;
  }

  // The server cannot even read it: it is kept with the messages, and the queue behind it goes on.
  async setAside(event, error) {
    await this.store.answered(afterAnswers([event], [{ id: event.id, status: "rejected", code: "unreadable", sentence: error.message }], new Date(this.now()).toISOString()));
    this.tell({ kind: "answers", answers: [{ id: event.id, status: "rejected", code: "unreadable", sentence: error.message }], messages: [] });
    return true;
  }

  lost(error) {
    this.trouble = error instanceof Revoked ? "revoked" : error instanceof NeedsLogin ? "login" : "offline";
    this.sentence = error.message ?? "";
    this.offlineSince ??= new Date(this.now()).toISOString();
    this.again = false;
    this.tell({ kind: "state" });
  }

  // Somebody else reached the server: it is there.
  reached(at = new Date(this.now()).toISOString()) {
    if (this.trouble === "offline" || this.trouble === "login") Object.assign(this, { trouble: "", offlineSince: null });
    this.sentAt ??= at;
  }
}
