// What a report comes to, in words; pure, so that a test can ask it.

export const clean = (text) => Math.max(0, Math.round((Number.parseFloat(String(text).replace(",", ".")) || 0) * 1e6) / 1e6);

export function typed(text, key) {
  if (key === "C") return "";
  if (key === "back") return text.slice(0, -1);
  return (text === "0" ? "" : text) + key;
}

// `words` are five sentences with %(name)s; `wrong` says whether saving makes sense.
export function outcome({ good, scrap, rework = 0, hasReason, before, all, remaining }, words) {
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const left = clean(remaining - good - scrap - rework);
  if (good + scrap + rework > remaining) return { first: fill(words[2], { left: remaining }), then: "", wrong: true };
  const ended = before.good + before.scrap + (before.rework ?? 0) + good + scrap + rework;
  const values = { good, scrap, rework, made: clean(before.good + good), all, left: clean(all - ended) };
  const then = scrap > 0 && !hasReason ? words[3] : fill(words[1], values);
  return { first: fill(words[rework > 0 ? 4 : 0], values), then, left, wrong: scrap > 0 && !hasReason };
}
