// What the tablet keeps, in IndexedDB. An event and its number are one transaction, on the disk before the screen says saved.
import { uuid7 } from "./uuid7.js";

const NAME = "throughline-tablet";
// Each step brings a database from the version before; none of them ever touches what waits in `queue`.
const STEPS = [
  (db) => {
    db.createObjectStore("meta");
    db.createObjectStore("queue", { keyPath: "seq" });
    db.createObjectStore("snapshots", { keyPath: "code" });
  },
  (db) => {
    db.createObjectStore("sent", { keyPath: "seq" });
    db.createObjectStore("messages", { keyPath: "id" });
    db.createObjectStore("photos", { keyPath: "id" });
  },
];
const STRICT = { durability: "strict" };

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const finished = (deal) => new Promise((resolve, reject) => {
  deal.oncomplete = () => resolve();
  deal.onabort = () => reject(deal.error ?? new Error("the tablet could not save"));
  deal.onerror = () => reject(deal.error);
});

export async function openStore(indexedDb = globalThis.indexedDB) {
  if (!indexedDb) throw new Error("no IndexedDB");
  const opening = indexedDb.open(NAME, STEPS.length);
  opening.onupgradeneeded = ({ oldVersion }) => { for (const step of STEPS.slice(oldVersion)) step(opening.result); };
  const db = await new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("an older page of the tablet is still open"));
  });
  // A newer app in another tab must be able to bring the database up; this one then starts again.
  db.onversionchange = () => { db.close(); globalThis.location?.reload(); };
  await globalThis.navigator?.storage?.persist?.().catch(() => false);
  return new Store(db);
}

export class Store {
  constructor(db) { this.db = db; }

  async meta(key) { return asked(this.db.transaction("meta").objectStore("meta").get(key)); }

  async setMeta(key, value) {
    const deal = this.db.transaction("meta", "readwrite");
    deal.objectStore("meta").put(value, key);
    return finished(deal);
  }

  // The device's own id, made once.
  async uid() {
    const known = await this.meta("uid");
    if (known) return known;
    const made = uuid7();
    await this.setMeta("uid", made);
    return made;
  }

  // Resolves when the event is on the disk, with its id and number; photos of it are in the same transaction.
  async add(event, photo = null) {
    const deal = this.db.transaction(["meta", "queue", "photos"], "readwrite", STRICT);
    const done = finished(deal);
    const meta = deal.objectStore("meta");
    const saved = { id: uuid7(), ...event };
    const reading = meta.get("seq");
    reading.onsuccess = () => {
      saved.seq = (reading.result ?? 0) + 1;
      meta.put(saved.seq, "seq");
      deal.objectStore("queue").add(saved);
      if (photo) deal.objectStore("photos").put(photo);
    };
    await done;
    return saved;
  }

  async all(name) { return asked(this.db.transaction(name).objectStore(name).getAll()); }

  async waiting() { return this.all("queue"); }

  async some(most) { return asked(this.db.transaction("queue").objectStore("queue").getAll(null, most)); }

  async count() { return asked(this.db.transaction("queue").objectStore("queue").count()); }

  async photo(id) { return asked(this.db.transaction("photos").objectStore("photos").get(id)); }

  async remove(name, ...keys) {
    const deal = this.db.transaction(name, "readwrite");
    for (const key of keys) deal.objectStore(name).delete(key);
    return finished(deal);
  }

  async put(name, ...rows) {
    const deal = this.db.transaction(name, "readwrite");
    for (const row of rows) deal.objectStore(name).put(row);
    return finished(deal);
  }

  // That they were sent once is written before they go: the second time they are no live taps any more.
  async tried(events) {
    if (!events.length) return null;
    const deal = this.db.transaction("queue", "readwrite");
    for (const event of events) deal.objectStore("queue").put({ ...event, tries: (event.tries ?? 0) + 1 });
    return finished(deal);
  }

  // Out of the queue and into what is shown, in one transaction.
  async answered({ gone, sent, messages }) {
    const deal = this.db.transaction(["queue", "sent", "messages"], "readwrite", STRICT);
    for (const seq of gone) deal.objectStore("queue").delete(seq);
    for (const event of sent) deal.objectStore("sent").put(event);
    for (const one of messages) deal.objectStore("messages").put(one);
    return finished(deal);
  }

  async snapshot(code) { return asked(this.db.transaction("snapshots").objectStore("snapshots").get(code)); }

  // A newer snapshot holds what was answered before it was asked for.
  async keepSnapshot(code, content, askedAt) {
    const deal = this.db.transaction(["snapshots", "sent"], "readwrite");
    deal.objectStore("snapshots").put({ code, content });
    const cursor = deal.objectStore("sent").openCursor();
    cursor.onsuccess = () => {
      if (!cursor.result) return;
      if (cursor.result.value.answered_at <= askedAt) cursor.result.delete();
      cursor.result.continue();
    };
    return finished(deal);
  }
}
