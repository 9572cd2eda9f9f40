// The service worker of the tablet. VERSION and FILES stand before it. What it keeps: the files of the app, of one
// version together, and the pages of the machines that were opened. Data is kept by the page, in IndexedDB.

const SHELL = `tablet-shell-${VERSION}`;
const PAGES = "tablet-pages";
const PICTURES = "tablet-pictures";
const PATIENCE_MS = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    await Promise.all(FILES.map(async (url) => {
      const answer = await fetch(url, { cache: "reload" });
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      await cache.put(url, answer);
    }));
    if (!self.registration.active) await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("tablet-shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(keepPage(event.data.keep));
});

async function keepPage(root) {
  const answer = await fetch(root, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && !answer.redirected) await (await caches.open(PAGES)).put(root, answer);
}

// The machine of an address: every page of it is drawn by its first one.
const rootOf = (path) => path.match(/^(\/tablet\/(?!enrol\/)[^/]+\/)/)?.[1] ?? "/tablet/";

async function page(request) {
  const root = rootOf(new URL(request.url).pathname);
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) {
      if (answer.ok && !answer.redirected && new URL(request.url).pathname === root) await cache.put(root, answer.clone());
      return answer;
    }
    return (await cache.match(root)) ?? answer;
  } catch (error) {
    const kept = (await cache.match(root)) ?? (root === "/tablet/" ? await anyPage(cache) : null);
    if (kept) return kept;
    throw error;
  }
}

// Without a connection "which machine?" is the one that was opened last.
async function anyPage(cache) {
  const last = (await cache.keys()).at(-1);
  return last ? Response.redirect(last.url) : null;
}

// Pictures of instructions never change under their address.
async function picture(request) {
  const cache = await caches.open(PICTURES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
  return answer;
}

async function file(request) {
  const kept = await (await caches.open(SHELL)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/instructions/pictures/")) event.respondWith(picture(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
