"""What a state looks like: one tone and one icon for each word, the same on every page."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """`tone` is a colour by meaning: planned, running, done, risk, late or held."""

    tone: str
    icon: str


UNKNOWN = Look("planned", "circle")

LOOKS: dict[str, Look] = {
    # documents
    "draft": Look("planned", "pencil"),
    "new": Look("planned", "circle"),
    "open": Look("planned", "circle-dot"),
    "sent": Look("running", "send"),
    "quoted": Look("planned", "file-text"),
    "accepted": Look("done", "circle-check"),
    "confirmed": Look("done", "circle-check"),
    "taken": Look("done", "circle-check"),
    "queued": Look("planned", "clock"),
    "sending": Look("running", "send"),
    "unhandled": Look("risk", "mail"),
    "handled": Look("done", "mail-opened"),
    "called": Look("planned", "phone"),
    "noted": Look("planned", "note"),
    "twin": Look("planned", "copy"),
    "quarantined": Look("risk", "alert-triangle"),
    "lost": Look("planned", "circle-x"),
    "dropped": Look("planned", "circle-off"),
    "declined": Look("late", "circle-x"),
    "expired": Look("risk", "clock-exclamation"),
    "cancelled": Look("planned", "circle-off"),
    "won": Look("done", "circle-check"),
    "converted": Look("done", "circle-check"),
    "disqualified": Look("planned", "circle-x"),
    "answered": Look("running", "send"),
    "closed": Look("planned", "circle-check"),
    "posted": Look("done", "circle-check"),
    "received": Look("done", "package-import"),
    "partly_received": Look("running", "package-import"),
    "ordered": Look("running", "send"),
    "packed": Look("running", "package"),
    "ready_to_ship": Look("done", "package"),
    "shipped": Look("done", "truck-delivery"),
    "delivered": Look("done", "home-check"),
    "packing": Look("running", "package"),
    "picking": Look("running", "list-check"),
    "invoiced": Look("done", "receipt"),
    "part_paid": Look("running", "cash"),
    "paid": Look("done", "cash"),
    "overdue": Look("late", "clock-exclamation"),
    # work
    "proposed": Look("planned", "circle-dashed"),
    "planned": Look("planned", "calendar-event"),
    "firm": Look("planned", "calendar-check"),
    "released": Look("planned", "circle-dot"),
    "scheduled": Look("planned", "calendar-check"),
    "waiting": Look("planned", "clock"),
    "ready": Look("planned", "circle-dot"),
    "setup": Look("running", "adjustments"),
    "in_production": Look("running", "player-play"),
    "running": Look("running", "player-play"),
    "producing": Look("running", "player-play"),
    "started": Look("running", "player-play"),
    "paused": Look("risk", "player-pause"),
    "finished": Look("done", "circle-check"),
    "done": Look("done", "circle-check"),
    "completed": Look("done", "circle-check"),
    "published": Look("done", "circle-check"),
    "held": Look("held", "hand-stop"),
    "over": Look("late", "cash"),
    "frozen": Look("held", "lock"),
    "material": Look("risk", "packages"),
    "short": Look("risk", "alert-triangle"),
    # quality
    "ok": Look("done", "circle-check"),
    "tolerance": Look("late", "triangle"),
    "control": Look("risk", "square"),
    "decided": Look("running", "gavel"),
    "withdrawn": Look("planned", "arrow-back-up"),
    "retired": Look("planned", "circle-off"),
    # machines and alarms
    "idle": Look("planned", "clock-pause"),
    "off": Look("planned", "power"),
    "stopped": Look("late", "alert-octagon"),
    "down": Look("late", "alert-octagon"),
    "fault": Look("late", "alert-octagon"),
    "maintenance": Look("held", "tool"),
    "unknown": Look("planned", "plug-connected-x"),
    "raised": Look("late", "alert-octagon"),
    "acknowledged": Look("risk", "eye-check"),
    "in_repair": Look("risk", "tool"),
    "cleared": Look("done", "circle-check"),
    # people
    "working": Look("running", "player-play"),
    "here": Look("done", "user-check"),
    "break": Look("risk", "coffee"),
    "absent": Look("late", "user-x"),
    "gone": Look("planned", "logout"),
    "away": Look("planned", "moon"),
    "signed": Look("running", "pencil-check"),
    "dismissed": Look("planned", "circle-off"),
    "corrected": Look("done", "pencil"),
    "rejected": Look("planned", "circle-x"),
    "overtaken": Look("planned", "arrow-back-up"),
    # promises and runs
    "on_time": Look("done", "circle-check"),
    "at_risk": Look("risk", "alert-triangle"),
    "risk": Look("risk", "alert-triangle"),
    "late": Look("late", "clock-exclamation"),
    "checking": Look("running", "list-search"),
    "importing": Look("running", "file-import"),
    "imported": Look("done", "circle-check"),
    "faulty": Look("late", "alert-circle"),
    "failed": Look("late", "alert-circle"),
    "dead": Look("late", "alert-circle"),
    "active": Look("done", "circle-check"),
    "solving": Look("running", "loader-2"),
    "solved": Look("done", "circle-check"),
    "promoted": Look("done", "rocket"),
    "unchanged": Look("planned", "equal"),
    "discarded": Look("planned", "arrow-back-up"),
    "left": Look("done", "equal"),
    "stale": Look("planned", "arrow-back-up"),
    "inactive": Look("planned", "circle-off"),
}


def look(state: str) -> Look:
    """The tone and icon of a state's stable value (case and dashes do not matter)."""
    return LOOKS.get(str(state).lower().replace("-", "_").replace(" ", "_"), UNKNOWN)
