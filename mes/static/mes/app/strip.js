// The amber band under the top: since when there is no connection, what is kept, which plan is shown. Pure.
import { hours, soon } from "./clock.js";

const SILENT_MS = 5000;

export function badgeStripModel({ sync, waiting, snapshot }, { now, zone }) {
  const isLong = sync.offlineSince && now - new Date(sync.offlineSince) >= SILENT_MS;
  const since = sync.offlineSince ? hours(sync.offlineSince, zone) : "";
  return {
    isOffline: Boolean(isLong && sync.trouble === "offline"),
    isLogin: sync.trouble === "login",
    isRevoked: sync.trouble === "revoked",
    since,
    planAt: soon(snapshot.made_at, now, zone),
    count: waiting.length,
    hasQueue: waiting.length > 0,
  };
}
