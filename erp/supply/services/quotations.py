"""Requests for quotation: ask several suppliers, note what they answer, give the order to the best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from erp.supply.models import (
    PlannedOrder,
    PurchaseOrder,
    QuotationInvitation,
    QuotationRequest,
    QuotationRequestLine,
    SupplierAnswer,
    SupplierPrice,
)
from erp.supply.services.ordering import Lot, hold_planned, write_lots
from erp.supply.services.purchases import AlreadyOrdered
from erp.supply.sources import SupplierOffer
from masterdata import live
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Partner
from masterdata.numbering import next_numbers


class AskedAlready(Refusal):
    """Suppliers were asked for the same need, and the request is still open."""

    code = "asked_already"


class RequestClosed(Refusal):
    """The request was awarded or dropped before."""

    code = "request_closed"


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """A supplier's answer to a line: price per base unit, days, least quantity in base units."""

    line_id: int
    unit_price: Decimal
    lead_time_days: int
    min_quantity: Decimal = Decimal(0)
    valid_until: dt.date | None = None
    supplier_article: str = ""


@transaction.atomic
def request_quotations(
    *, planned_order_ids: Collection[int], supplier_ids: Collection[int], answer_by: dt.date, now: dt.datetime
) -> QuotationRequest:
    """Ask suppliers for what planned orders of one plant need. Locks the planned orders.

    Raises AlreadyOrdered, AskedAlready, InvalidInput, DayPassed.
    """
    planned = hold_planned(PlannedOrder.objects.filter(pk__in=list(planned_order_ids)))
    _check_planned(planned)
    _check_not_asked(planned)
    suppliers = list(Partner.objects.filter(pk__in=list(supplier_ids), is_supplier=True, is_active=True).order_by("pk"))
    if not suppliers or len(suppliers) < len(set(supplier_ids)):
        raise InvalidInput("Choose one or more suppliers that are in use.", field="suppliers")
    plant = planned[0].plant
    check_day_ahead(answer_by, time_zone=plant.time_zone, now=now, field="answer_by")
    request = QuotationRequest.objects.create(
        number=next_numbers(company=plant.company, kind="RF", year=now.year)[0],
        plant=plant,
        asked_at=now,
        answer_by=answer_by,
    )
    QuotationRequestLine.objects.bulk_create(
        QuotationRequestLine(
            request=request,
            line_no=line_no,
            material_id=row.material_id,
            quantity=row.quantity,
            needed_at=row.due_at,
            planned_order=row,
        )
        for line_no, row in enumerate(planned, start=1)
    )
    QuotationInvitation.objects.bulk_create(QuotationInvitation(request=request, supplier=one) for one in suppliers)
    live.publish("purchase", request.pk, plant_id=plant.pk)
    return request


def _check_planned(planned: Sequence[PlannedOrder]) -> None:
    if not planned:
        raise InvalidInput("Choose what is to be asked for.", field="planned_orders")
    if len({row.plant_id for row in planned}) > 1:
        raise InvalidInput("Ask for one plant at a time.", field="planned_orders")
    for row in planned:
        if row.closed_at is not None:
            raise AlreadyOrdered(f"This need of {row.material.code} was ordered already.", planned_order_id=row.pk)
        if row.kind != PlannedOrder.Kind.BUY:
            raise InvalidInput(f"{row.material.code} comes from another plant: transfer it.", field="planned_orders")


def _check_not_asked(planned: Sequence[PlannedOrder]) -> None:
    """Under the planned orders' locks, so that two requests never name the same one."""
    rows = QuotationRequestLine.objects.filter(planned_order__in=planned, request__closed_at=None)
    asked = rows.select_related("request", "material").order_by("pk").first()
    if asked is not None:
        number = asked.request.number
        raise AskedAlready(
            f"{number} asks for this need of {asked.material.code} already: award or drop it first.",
            field="planned_orders",
            quotation_request_id=asked.request_id,
            planned_order_id=asked.planned_order_id,
        )


@transaction.atomic
def answer_quotation(
    *,
    request_id: int,
    supplier_id: int,
    answers: Sequence[AnswerInput],
    now: dt.datetime,
    expected_version: int | None = None,
) -> QuotationRequest:
    """Note what a supplier answered; answered again, the new answer counts. No answers: it declines.

    Locks the request. Raises RequestClosed, InvalidInput, StaleVersion.
    """
    request = _hold(request_id, expected_version)
    invitation = request.invitations.filter(supplier=supplier_id).first()
    if invitation is None:
        raise InvalidInput(f"This supplier was not asked with {request.number}.", field="supplier")
    lines = {line.pk for line in request.lines.all()}
    for index, one in enumerate(answers):
        if one.line_id not in lines:
            raise InvalidInput(f"Choose a line of {request.number}.", field=f"answers.{index}.line")
        if one.unit_price < 0 or one.min_quantity < 0:
            raise InvalidInput("Prices and quantities are not below zero.", field=f"answers.{index}.unit_price")
        SupplierAnswer.objects.update_or_create(
            line_id=one.line_id,
            invitation=invitation,
            defaults={
                "unit_price": one.unit_price,
                "lead_time_days": one.lead_time_days,
                "min_quantity": one.min_quantity,
                "valid_until": one.valid_until,
                "supplier_article": one.supplier_article,
                "answered_at": now,
            },
        )
    if not answers:
        invitation.answers.all().delete()
    invitation.declined_at = None if answers else now
    invitation.save(update_fields=["declined_at"])
    return _changed(request)


@transaction.atomic
def award_quotation(
    *,
    request_id: int,
    awards: Mapping[int, int],
    keep_prices: bool,
    now: dt.datetime,
    expected_version: int | None = None,
) -> list[PurchaseOrder]:
    """Give lines to suppliers (`awards`: line -> supplier that answered it): a purchase order per supplier and day.

    Lines that nobody gets stay planned. `keep_prices`: the answers become the suppliers' prices from today on, until
    the day that they named. The request is closed. Locks the request, then the planned orders; document numbers last.
    Raises RequestClosed, AlreadyOrdered, InvalidInput, StaleVersion.
    """
    request = _hold(request_id, expected_version)
    if not awards:
        raise InvalidInput("Choose who gets at least one line.", field="awards")
    lines = {line.pk: line for line in request.lines.all()}
    planned = {
        row.pk: row
        for row in hold_planned(PlannedOrder.objects.filter(pk__in=[line.planned_order_id for line in lines.values()]))
    }
    lots = []
    for line_id, supplier_id in awards.items():
        line = lines.get(line_id)
        if line is None:
            raise InvalidInput(f"Choose a line of {request.number}.", field="awards")
        answer = line.answers.filter(invitation__supplier=supplier_id).select_related("invitation__supplier").first()
        if answer is None:
            raise InvalidInput("This supplier did not answer the line: note its answer first.", field="awards")
        row = planned[line.planned_order_id]
        _check_planned([row])
        lots.append(_lot(row, answer, now))
        line.awarded_to_id = supplier_id
        line.save(update_fields=["awarded_to"])
        if keep_prices:
            _keep_price(line, answer, now)
    orders = write_lots(lots, now)
    request.closed_at = now
    _changed(request)
    return orders


@transaction.atomic
def drop_quotation(*, request_id: int, now: dt.datetime, expected_version: int | None = None) -> QuotationRequest:
    """Nobody gets it; what was asked for stays planned. Locks the request. Raises RequestClosed, StaleVersion."""
    request = _hold(request_id, expected_version)
    request.closed_at = now
    return _changed(request)


def _lot(row: PlannedOrder, answer: SupplierAnswer, now: dt.datetime) -> Lot:
    offer = SupplierOffer(
        answer.invitation.supplier_id,
        answer.unit_price,
        Decimal(1),
        answer.lead_time_days,
        answer.min_quantity,
        None,
        pack_units=row.material.unit.rounding,
    )
    lead = dt.timedelta(days=answer.lead_time_days)
    return Lot([row], offer, max(row.due_at, now + lead), max(now, row.due_at - lead))


def _keep_price(line: QuotationRequestLine, answer: SupplierAnswer, now: dt.datetime) -> None:
    """The answer is the supplier's price from today on; what it asked until now ends yesterday."""
    today = now.date()
    if answer.valid_until is not None and answer.valid_until < today:
        return
    known = SupplierPrice.objects.filter(supplier=answer.invitation.supplier_id, material=line.material_id)
    now_on = known.filter(Q(valid_until=None) | Q(valid_until__gte=today), from_quantity=0)
    now_on.filter(valid_from__gte=today).delete()
    now_on.update(valid_until=today - dt.timedelta(days=1))
    SupplierPrice.objects.create(
        supplier=answer.invitation.supplier,
        material_id=line.material_id,
        unit_id=line.material.unit_id,
        price=answer.unit_price,
        lead_time_days=answer.lead_time_days,
        min_quantity=answer.min_quantity,
        pack_quantity=line.material.unit.rounding,
        valid_from=today,
        valid_until=answer.valid_until,
        supplier_article=answer.supplier_article,
    )


def _hold(request_id: int, expected_version: int | None) -> QuotationRequest:
    request = QuotationRequest.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=request_id)
    if expected_version is not None and request.version != expected_version:
        raise StaleVersion(f"{request.number} was changed meanwhile: look at it again.", version=request.version)
    if request.closed_at is not None:
        raise RequestClosed(f"{request.number} is closed: ask anew.", request_id=request.pk)
    return request


def _changed(request: QuotationRequest) -> QuotationRequest:
    request.version += 1
    request.save()
    live.publish("purchase", request.pk, plant_id=request.plant_id)
    return request
