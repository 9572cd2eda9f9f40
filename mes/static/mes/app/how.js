// How the jobs are made: loaded behind the list, one at a time, and kept. What stands under an address never changes.
import { jobOf, root, tablet } from "./state.js";

const KEPT = "tablet-how";
const PICTURES = "tablet-pictures";
const found = new Map();
const pictures = new Set();
let isLoading = false;

// What the job page shows; null when nothing is drawn or written for the job.
export function howOf(job) {
  if (!job.how) return null;
  return { ...(found.get(job.how.url) ?? { isComing: true }), isNewer: job.how.is_newer };
}

async function kept(name, url) {
  const cache = await globalThis.caches?.open(name);
  const known = await cache?.match(url);
  if (known) return known;
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`${url}: ${answer.status}`);
  await cache?.put(url, answer.clone());
  return answer;
}

// What is looked at goes first, then as the list has it.
const wanted = () => {
  const { snapshot, view } = tablet;
  const jobs = [jobOf(snapshot, view.job ?? 0), ...snapshot.jobs].filter((one) => one?.how);
  return [...new Set(jobs.map((one) => one.how.url))];
};

export async function loadHow() {
  if (isLoading) return;
  isLoading = true;
  const failed = new Set();
  const next = () => wanted().find((url) => !found.has(url) && !failed.has(url));
  for (let url = next(); url; url = next()) {
    try {
      const how = await (await kept(KEPT, url)).json();
      await picturesOf(how);
      found.set(url, how);
      if (tablet.view.job) tablet.redraw();
    } catch {
      failed.add(url);
    }
  }
  await forget();
  isLoading = false;
}

async function picturesOf(how) {
  for (const { image } of how.steps) {
    if (!image || pictures.has(image)) continue;
    await kept(PICTURES, image).then(() => pictures.add(image), () => {});
  }
}

// Of jobs of this machine that are gone nothing is kept.
async function forget() {
  const cache = await globalThis.caches?.open(KEPT);
  const open = new Set(wanted());
  for (const { url } of (await cache?.keys()) ?? []) {
    const { pathname, search } = new URL(url);
    if (pathname.startsWith(root) && !open.has(pathname + search)) await cache.delete(url);
  }
}
