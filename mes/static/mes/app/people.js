// Who works at this tablet: several people, one of them active; a badge or a PIN says who, also without a connection.

const FRESH_MS = 5 * 60000;
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (buffer) => [...new Uint8Array(buffer)].map((one) => one.toString(16).padStart(2, "0")).join("");

export const nobody = () => ({ ids: [], active: null, at: 0, proved: {} });

export async function pinIsRight(person, pin, subtle = globalThis.crypto?.subtle) {
  if (!person.pin) return pin === "";
  if (!subtle) return null;
  const key = await subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const rule = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(person.pin.salt), iterations: person.pin.rounds };
  return hexOf(await subtle.deriveBits(rule, key, 256)) === person.pin.hash;
}

export async function byBadge(people, code, subtle = globalThis.crypto?.subtle) {
  if (!subtle) return null;
  for (const person of people) {
    const print = hexOf(await subtle.digest("SHA-256", new TextEncoder().encode(`badge-${person.id}:${code}`)));
    if (print === person.badge) return person;
  }
  return null;
}

// Active from now on; `isProved`: by badge or PIN.
export function comes(team, id, now, isProved) {
  const proved = isProved ? { ...team.proved, [id]: now } : team.proved;
  return { ids: team.ids.includes(id) ? team.ids : [...team.ids, id], active: id, at: now, proved };
}

export function goes(team, id) {
  const ids = team.ids.filter((one) => one !== id);
  const { [id]: _, ...proved } = team.proved;
  return { ...team, ids, active: team.active === id ? null : team.active, proved };
}

// Nobody touched the tablet for a while: who comes next says who he is.
export function isIdle(team, person, now, idleMs) {
  return Boolean(person?.pin) && team.active === person.id && now - team.at > idleMs;
}

export const mustProve = (team, person, now) => Boolean(person?.pin) && now - (team.proved[person.id] ?? 0) > FRESH_MS;

export const initials = (name) => name.split(/\s+/).filter(Boolean).map((one) => one[0]).slice(0, 2).join("").toUpperCase();
