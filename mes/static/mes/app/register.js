// The service worker: a new version waits until somebody takes it, and never while a sheet is open.
import { config, tablet } from "./state.js";

export async function register() {
  if (!navigator.serviceWorker) return;
  const found = await navigator.serviceWorker.register(config.worker, { scope: config.scope, updateViaCache: "none" }).catch(() => null);
  if (!found) return;
  const ready = (worker) => { if (worker && navigator.serviceWorker.controller) { tablet.update = worker; tablet.redraw(); } };
  ready(found.waiting);
  found.addEventListener("updatefound", () => {
    const worker = found.installing;
    worker.addEventListener("statechange", () => { if (worker.state === "installed") ready(worker); });
  });
  let isReloading = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!tablet.isUpdating || isReloading) return;
    isReloading = true;
    location.reload();
  });
  // The page itself is kept too, as it is now, for the day without a connection.
  const keep = () => (navigator.serviceWorker.controller ?? found.active)?.postMessage({ keep: config.root });
  if (found.active) keep(); else navigator.serviceWorker.ready.then(keep);
  setInterval(() => found.update().catch(() => {}), 15 * 60000);
}
