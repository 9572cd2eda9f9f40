// How the tablet speaks with the server. Every failure is one of three: no way through, log in again, not understood.
import { config } from "./state.js";
import { NeedsLogin, PATIENCE_MS, Refused, Revoked } from "./sync.js";

const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

async function ask(url, options = {}, patience = PATIENCE_MS) {
  const answer = await fetch(url, {
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(patience),
    ...options,
    headers: { "X-CSRFToken": token(), Accept: "application/json", ...options.headers },
  });
  if (answer.status === 403 && (await answer.clone().json().catch(() => ({}))).code === "device_revoked") throw new Revoked("revoked");
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new NeedsLogin("log in");
  if (answer.status >= 500 || answer.status === 429) throw new Error(`the server answered ${answer.status}`);
  return answer;
}

async function understood(answer) {
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(problem.detail ?? problem.sentence ?? problem.title ?? `${answer.status}`);
}

export async function postEvents(body) {
  const headers = { "Content-Type": "application/json" };
  return understood(await ask(config.sync, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function uploadPhoto({ id, blob }) {
  const body = new FormData();
  body.append("id", id);
  body.append("plant", config.plant);
  body.append("photo", blob, `${id}.jpg`);
  return understood(await ask(config.photos, { method: "POST", body }, 60000));
}

export const fetchSnapshot = async (patience = 8000) => understood(await ask(config.snapshot, { cache: "no-store" }, patience));

// "" when it is allowed, a sentence when not, null when nobody can be asked: only the server knows who may allow.
export async function askLead(fields) {
  return asked(config.allow, fields);
}

// "" when it is right, a sentence when it is wrong, null when nobody can be asked.
export async function askPin(employee, pin) {
  return asked(config.pin, { employee, pin });
}

async function asked(url, fields) {
  const body = new URLSearchParams(fields);
  try {
    const answer = await fetch(url, { method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": token() }, signal: AbortSignal.timeout(4000) });
    if (answer.type === "opaqueredirect" || answer.status >= 500) return null;
    const told = await answer.json().catch(() => null);
    return answer.ok ? "" : (told?.sentence ?? null);
  } catch {
    return null;
  }
}
