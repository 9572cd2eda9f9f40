// Talks to the server: the plan and its changes, the draft, the effect of a trial. The page's `fetch` comes from outside.

const FIRST_MS = 1000;
const MOST_MS = 30000;

export class Refused extends Error {
  /** @param {number} status @param {string} text @param {number} [edit] the step that it is about */
  constructor(status, text, edit) {
    super(text || String(status));
    this.status = status;
    this.edit = edit;
  }
}

/** @typedef {{fetch: typeof fetch, token: () => string, sleep: (ms: number) => Promise<void>}} Line */

// How long one waits before the next attempt: a second, two, four, up to half a minute; `hurry` ends the wait.
class Patience {
  /** @param {Line} line */
  constructor(line) {
    this.line = line;
    this.failures = 0;
    this.hurry = () => {};
  }
  async wait() {
    this.failures += 1;
    const awake = new Promise((resolve) => { this.hurry = () => resolve(undefined); });
    await Promise.race([this.line.sleep(Math.min(MOST_MS, FIRST_MS * 2 ** (this.failures - 1))), awake]);
  }
  calm() { this.failures = 0; }
}

/** @param {any} error */
const isExpected = (error) => error instanceof TypeError || error instanceof Refused;
/** @param {any} error */
const isFinal = (error) => error instanceof Refused && error.status < 500 && error.status !== 429;

/** @param {Line} line @param {string} url @param {RequestInit} [options] */
async function ask(line, url, options = {}) {
  const answer = await line.fetch(url, { credentials: "same-origin", ...options, headers: { Accept: "application/json", ...options.headers } });
  if (answer.redirected || answer.status === 401) throw new Refused(401, "");
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** @param {Response} answer */
async function refusal(answer) {
  try {
    const body = await answer.clone().json();
    return new Refused(answer.status, String(body.detail || body.text || ""), body.edit ?? undefined);
  } catch {
    return new Refused(answer.status, "");
  }
}

/** @param {Line} line @param {string} url @param {string} method @param {any} body */
const send = (line, url, method, body) =>
  ask(line, url, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": line.token() } });

// One plant's plan: whole the first time, then what changed since the version that is held. Asked while an answer is on its
// way, it asks once more after it. Without a connection it tries again, each time a little later, and catches up.
export class Feed {
  /** @param {Line} line @param {string} url @param {{take: (data: any) => any, failed: (error: Error) => void}} on */
  constructor(line, url, on) {
    this.line = line;
    this.url = url;
    this.on = on;
    this.patience = new Patience(line);
    this.version = "";
    this.scenario = "";
    this.isAsking = false;
    this.isWanted = false;
  }
  get address() {
    const query = new URLSearchParams();
    if (this.version) query.set("since", this.version);
    if (this.scenario) query.set("scenario", this.scenario);
    const text = query.toString();
    return text ? `${this.url}?${text}` : this.url;
  }
  async refresh() {
    this.isWanted = true;
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.isWanted) {
      this.isWanted = false;
      await this.once();
    }
    this.isAsking = false;
  }
  async once() {
    try {
      const data = await ask(this.line, this.address);
      this.patience.calm();
      this.on.take(data);
      this.version = data.version;
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.on.failed(error);
      if (isFinal(error)) return;
      this.isWanted = true;
      await this.patience.wait();
    }
  }
  // The connection is back: no more waiting.
  hurry() {
    this.patience.hurry();
    return this.refresh();
  }
}

// The effect of a trial while it is dragged: one question under way, the newest waits, those between are never asked. Each
// answer is handed on, so that something is seen while the hand moves; the newest comes last.
export class Effects {
  /** @param {Line} line @param {string} url @param {(answer: any, asked: any) => void} on @param {(error: Error, asked: any) => void} failed */
  constructor(line, url, on, failed) {
    this.line = line;
    this.url = url;
    this.on = on;
    this.failed = failed;
    this.seq = 0;
    this.floor = 0;
    this.isAsking = false;
    this.key = "";
    /** @type {any} */
    this.next = null;
    /** @type {Promise<void>} */
    this.done = Promise.resolve();
  }
  // The same question twice in a row is asked once.
  /** @param {{edits: any[], trial: any}} question */
  want(question) {
    const key = JSON.stringify(question);
    if (key === this.key) return this.done;
    this.key = key;
    this.seq += 1;
    this.next = { ...question, seq: this.seq };
    if (!this.isAsking) this.done = this.run();
    return this.done;
  }
  // Answers that are still to come are of no interest.
  forget() {
    this.floor = this.seq + 1;
    this.next = null;
    this.key = "";
  }
  async run() {
    this.isAsking = true;
    while (this.next) {
      const asked = this.next;
      this.next = null;
      try {
        const answer = await send(this.line, this.url, "POST", asked);
        if (asked.seq >= this.floor) this.on(answer, asked);
      } catch (error) {
        if (!isExpected(error)) throw error;
        this.key = "";
        if (asked.seq >= this.floor) this.failed(error, asked);
      }
    }
    this.isAsking = false;
  }
}

// Keeps one plant's draft on the server: what is made while a save is under way is saved after it.
export class Keeper {
  /** @param {Line} line @param {string} url @param {import("./state.js").State} state @param {number} plant @param {{changed: () => void, failed: (error: Error) => void, dropped: (text: string) => void}} on */
  constructor(line, url, state, plant, on) {
    this.line = line;
    this.url = url;
    this.state = state;
    this.plant = plant;
    this.on = on;
    this.patience = new Patience(line);
    this.isSaving = false;
    this.saving = Promise.resolve();
  }
  async load() {
    try {
      this.state.take(this.plant, await ask(this.line, this.url));
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.on.failed(error);
      return;
    }
    this.on.changed();
    await this.save();
  }
  // Done when nothing is left to save, or it is no use; who asks while it is being saved waits for that.
  save() {
    this.patience.hurry();
    if (!this.isSaving) this.saving = this.all();
    return this.saving;
  }
  async all() {
    this.isSaving = true;
    const draft = this.state.draft(this.plant);
    while (draft.isDirty && draft.canEdit) if (!(await this.once(draft))) break;
    this.isSaving = false;
  }
  // Whether it is worth going on.
  /** @param {import("./state.js").Draft} draft */
  async once(draft) {
    const sent = [...draft.edits];
    try {
      draft.kept(await send(this.line, this.url, "PUT", { version: draft.version, edits: sent }), sent);
      this.patience.calm();
    } catch (error) {
      if (!isExpected(error)) throw error;
      if (error instanceof Refused && Number.isInteger(error.edit)) return this.drop(error, sent);
      const isStale = error instanceof Refused && error.status === 409;
      if (!isStale) this.on.failed(error);
      if (!isStale && isFinal(error)) return false;
      await (isStale ? this.again() : this.patience.wait());
    }
    this.on.changed();
    return true;
  }
  // A step that the server cannot make anything of is taken out, with the reason; the others are saved.
  /** @param {any} error @param {any[]} sent */
  drop(error, sent) {
    const { edits } = this.state.draft(this.plant);
    if (JSON.stringify(edits[error.edit]) === JSON.stringify(sent[error.edit])) this.state.drop(this.plant, [error.edit]);
    this.on.dropped(error.message);
    this.on.changed();
    return true;
  }
  // Somebody, or another tab, saved in between: theirs first, then what was made here.
  async again() {
    try {
      this.state.take(this.plant, await ask(this.line, this.url));
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.on.failed(error);
      await this.patience.wait();
    }
  }
}
