"""A quotation that may still be changed, sent or answered, locked for whoever does it."""

from __future__ import annotations

from crm.models import Quotation
from masterdata.errors import Refusal, StaleVersion


class QuotationNotOpen(Refusal):
    """Accepted, lost or replaced already."""

    code = "quotation_not_open"


class QuotationSent(Refusal):
    """The customer has it: it is revised, not written again."""

    code = "quotation_sent"


def open_quotation(quotation_id: int, expected_version: int | None) -> Quotation:
    """The draft or sent quotation, locked. Raises StaleVersion, QuotationNotOpen."""
    quotation = (
        Quotation.objects.select_for_update(of=("self",))
        .select_related("company__currency", "customer", "currency", "order", "payment_term")
        .order_by("pk")
        .get(pk=quotation_id)
    )
    if expected_version is not None and quotation.version != expected_version:
        raise StaleVersion(
            f"{quotation.number} was changed meanwhile. Look at it again, then decide.", version=quotation.version
        )
    if quotation.state == Quotation.State.ACCEPTED:
        order = quotation.order.number if quotation.order else ""
        raise QuotationNotOpen(
            f"{quotation.number} is accepted already, as order {order}.", order_id=quotation.order_id
        )
    if quotation.state == Quotation.State.LOST:
        raise QuotationNotOpen(f"{quotation.number} is lost: write a new quotation for this customer.")
    if quotation.state == Quotation.State.REPLACED:
        raise QuotationNotOpen(
            f"Revision {quotation.revision_no} of {quotation.number} was replaced: open the newest one.",
            replaced_by=quotation.replaced_by_id,
        )
    return quotation


def draft_of(quotation_id: int, expected_version: int | None) -> Quotation:
    """The draft, locked. Raises StaleVersion, QuotationNotOpen, QuotationSent."""
    quotation = open_quotation(quotation_id, expected_version)
    if quotation.state == Quotation.State.SENT:
        raise QuotationSent(
            f"{quotation.number} was sent as revision {quotation.revision_no}: revise it, then change the revision."
        )
    return quotation
