"""Planning's answer, sealed for the line of a quotation that it is handed back with."""

from __future__ import annotations

from crm.offered import Offered, seal
from suite.asks.answers import OfferReply


def seal_best(reply: OfferReply, *, with_cost: bool) -> str:
    """The option that a quotation may offer, with the question that it answers; empty when none is possible."""
    question, best = reply.question, reply.best
    if best is None or best.deliver_at is None:
        return ""
    return seal(
        Offered(
            plant_id=question.plant_id,
            material_id=question.material_id,
            quantity=question.quantity,
            wanted_on=question.wanted_on,
            offered_at=best.deliver_at,
            cause=best.cause,
            plan_no=reply.plan_no,
            cost=best.cost if with_cost else None,
        )
    )
