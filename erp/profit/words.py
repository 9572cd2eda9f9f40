"""What a step of an order's profit is called, in one line."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.cost.models import Element
from erp.profit.selectors.steps import Step
from masterdata import shown

_COUNTED = {
    "again": _l("%(quantity)s %(what)s made again"),
    "back": _l("%(quantity)s %(what)s came back"),
    "rework": _l("%(quantity)s %(what)s reworked"),
}


def said(step: Step) -> str:
    """ "Oak board: 53 M2 instead of 47.5", "20 Edge: 38 min instead of 30", "Labour: prices, rates and plan"."""
    one = step.deviation
    if step.kind == "discount":
        return _("Cash discount")
    if step.kind == "credit":
        return (
            _("Credited to the customer")
            if step.changes
            else _("Charged otherwise than agreed: goods came back, or another rate")
        )
    if one is None:
        return _("%(element)s: prices, rates and plan") % {"element": Element(step.elements[0]).label}
    if one.kind in ("usage", "time"):
        return _("%(what)s: %(actual)s instead of %(planned)s") % {
            "what": one.what,
            "actual": shown.quantity(_plain(one.actual, one.unit), one.unit),
            "planned": shown.number(_plain(one.planned, one.unit)),
        }
    if one.kind in _COUNTED:
        return _COUNTED[one.kind] % {"quantity": shown.quantity(one.actual, one.unit), "what": one.what}
    if one.kind == "later":
        return _("%(what)s: cost that came after it was used") % {"what": one.what}
    return _("%(element)s: %(what)s") % {"element": Element(step.elements[0]).label, "what": one.what}


def _plain(figure: Decimal | None, unit: str) -> Decimal | None:
    """Minutes to a tenth, pieces as they were counted."""
    return figure if figure is None or unit != "min" else round(figure, 1)


def where(step: Step) -> str:
    """Work order and operation, or the document that it came with."""
    one = step.deviation
    if one is None:
        return ""
    if one.kind == "again":
        lost = _("for what was scrapped of %(numbers)s") % {"numbers": one.source} if one.source else ""
        return " · ".join(part for part in (one.work_order_no, lost) if part)
    return " · ".join(part for part in (one.work_order_no, one.operation) if part and part != one.what)
