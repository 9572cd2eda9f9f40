"""Scrap of several reasons in one report: `payload.scrap` says how many pieces each of them has."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from masterdata.errors import Refusal
from masterdata.models import ReasonCode
from masterdata.numbers import ZERO
from mes.services.events import FloorEvent


class ScrapSplitWrong(Refusal):
    """The pieces by reason are not those that were scrapped."""

    code = "scrap_split_wrong"


def check_split(event: FloorEvent) -> None:
    """Raises ScrapSplitWrong when the pieces by reason do not add up to the scrap, or a reason is none of scrap.

    What the shift lead accepts counts for the reason of the report.
    """
    told = event.payload.get("scrap")
    if told is None or event.is_kept:
        return
    pieces = _read(told)
    if sum(pieces.values(), ZERO) != event.scrap_qty or (pieces and event.reason_id not in pieces):
        raise ScrapSplitWrong(
            f"The pieces by reason do not add up to the {event.scrap_qty.normalize():f} scrapped. Say for each reason "
            "how many it has.",
            field="scrap",
        )
    if ReasonCode.objects.filter(pk__in=pieces, kind=ReasonCode.Kind.SCRAP).count() != len(pieces):
        raise ScrapSplitWrong("One of the reasons is no reason of scrap here. Choose another one.", field="scrap")


def _read(told: object) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    try:
        for one in told:  # type: ignore[attr-defined]
            reason, quantity = int(one["reason"]), Decimal(str(one["quantity"]))
            if reason in found or not quantity.is_finite() or quantity <= 0:
                raise ValueError
            found[reason] = quantity
    except (TypeError, KeyError, ValueError, InvalidOperation):
        raise ScrapSplitWrong(
            "The pieces by reason can't be read: each reason once, with its pieces above zero.", field="scrap"
        ) from None
    return found
