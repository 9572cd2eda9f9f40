"""How a row of stock looks in lists and heads: its lot, its state, for whom it is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from masterdata import drawn
from masterdata.models import Location


def lot_link(row: Any) -> SafeString:
    """The lot, leading to its page."""
    if row.lot is None:
        return drawn.dash(_("Kept by quantity"))
    return format_html(
        '<a class="link tl-code" href="{}">{}</a>', reverse("erp:lot", args=[row.lot_id]), row.lot.number
    )


def state_of(row: Any) -> tuple[str, str, str]:
    """Tone, icon and word of a balance: apart, blocked with its reason, or usable."""
    if row.location.kind == Location.Kind.QUARANTINE:
        return "held", "hand-stop", _("Quarantine")
    if row.lot is not None and row.lot.is_blocked:
        return "late", "lock", _("Lot blocked")
    if row.location.is_blocked:
        return "late", "lock", _("Place blocked")
    if row.sales_order_id:
        return "planned", "clipboard-list", _("Kept for an order")
    return "done", "circle-check", _("Usable")


def state_chip(row: Any) -> SafeString:
    return drawn.tone_chip(*state_of(row))


def place_state(row: Any) -> tuple[str, str, str]:
    """Tone, icon and word of a place."""
    if row.is_blocked:
        return "late", "lock", _("Blocked")
    if row.kind == Location.Kind.QUARANTINE:
        return "held", "hand-stop", _("Quarantine")
    if row.is_receiving:
        return "running", "package-import", _("Receiving")
    return "done", "circle-check", _("Open")
