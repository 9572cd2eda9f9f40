"""Planning's answer, sealed for the line of a quotation that it is handed back with."""

from __future__ import annotations

from crm.offered import Offered, seal
from suite.asks.answers import OfferReply
from suite.asks.quote_answers import LineAsked, LineReply


def seal_best(reply: OfferReply) -> str:
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
            cost=best.cost,
        )
    )


def seal_line_reply(asked: LineAsked, reply: LineReply) -> str:
    """The date of a line that was asked with the whole quotation; empty when it has none."""
    if reply.deliver_at is None or reply.plan_no is None:
        return ""
    return seal(
        Offered(
            plant_id=asked.plant_id,
            material_id=asked.material_id,
            quantity=asked.quantity,
            wanted_on=asked.wanted_on,
            offered_at=reply.deliver_at,
            cause=reply.cause,
            plan_no=reply.plan_no,
            cost=reply.cost,
        )
    )
