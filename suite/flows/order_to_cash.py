"""Order to cash, as far as it goes by itself: what the floor and the suppliers do reaches the plan."""

from __future__ import annotations

from aps import services as aps
from crm import facts as crm_facts
from erp import facts
from erp import selectors as erp_now
from erp import services as erp
from masterdata.models import FactRecord
from mes import services as mes


def ask_for_deposit(fact: crm_facts.QuotationAccepted, record: FactRecord) -> None:
    """The customer said yes: when the terms ask for money on order, its invoice is written at once."""
    erp.ask_first_deposit(order_id=fact.order_id, now=record.stated_at)


def want_plan_for_order(fact: facts.OrderConfirmed, record: FactRecord) -> None:
    """A confirmed order has operations that no plan knows yet; a rush order's are planned already."""
    text = f"Order {erp_now.order_number(fact.order_id)}"
    for plant_id in fact.plant_ids:
        aps.want_plan_for_order(plant_id=plant_id, order_id=fact.order_id, text=text, fact=record)


def want_plan_without_order(fact: facts.OrderCancelled, record: FactRecord) -> None:
    """What a cancelled order no longer needs leaves room for others."""
    text = f"Order {erp_now.order_number(fact.order_id)} cancelled"
    for plant_id in fact.plant_ids:
        aps.want_plan(plant_id=plant_id, reason="order", text=text, fact=record)


def want_plan_in_both_plants(fact: facts.LineMoved, record: FactRecord) -> None:
    """The first plant has room for others; the other one has new work, unless the board has placed it already."""
    aps.want_plan(plant_id=fact.from_plant_id, reason="order", text=fact.text, fact=record)
    aps.want_plan_for_order(plant_id=fact.plant_id, order_id=fact.order_id, text=fact.text, fact=record)


def want_plan_with_material(fact: facts.GoodsReceived, record: FactRecord) -> None:
    """Material came: what waited for it may start earlier, or the day it was expected."""
    if fact.order_ids:
        text = f"Receipt {erp_now.receipt_number(fact.receipt_id)}"
        aps.want_plan(plant_id=fact.plant_id, reason="material", text=text, fact=record)


def want_plan_with_other_date(fact: facts.PurchaseDateChanged, record: FactRecord) -> None:
    """A supplier comes later, or sooner, than was counted on: so may what waits for it."""
    if fact.order_ids:
        text = erp_now.purchase_line_words(fact.line_id)
        aps.want_plan(plant_id=fact.plant_id, reason="material", text=text, fact=record)


def want_plan_for_supply(fact: facts.SupplyPlanned, record: FactRecord) -> None:
    """Material planning made work firm that no plan knows yet, or gave lines their first date."""
    aps.want_plan(
        plant_id=fact.plant_id, reason="material", text=erp_now.supply_words(fact.work_order_ids), fact=record
    )


def want_plan_for_other_component(fact: facts.ComponentReplaced, record: FactRecord) -> None:
    """What firm work uses instead is there at another time than what it used before."""
    text = f"{fact.used} instead of {fact.before} for {erp_now.work_order_number(fact.work_order_id)}"
    aps.want_plan(plant_id=fact.plant_id, reason="material", text=text, fact=record)


def want_plan_for_short_stock(fact: facts.StockShort, record: FactRecord) -> None:
    """Pieces that orders counted on are gone: what was bought or made instead comes later."""
    if fact.order_ids:
        aps.want_plan(plant_id=fact.plant_id, reason="material", text=fact.text, fact=record)


def want_plan_for_lost_pieces(fact: facts.PiecesLost, record: FactRecord) -> None:
    """What an order lost is made again: no plan knows that work, and what waits for it ends later."""
    number = erp_now.work_order_number(fact.work_order_id)
    text = f"{fact.quantity.normalize():f} of {number} lost"
    aps.want_plan(plant_id=fact.plant_id, reason="scrap", text=text, fact=record)


def want_plan_without_report(fact: facts.ReportTakenBack, record: FactRecord) -> None:
    """Pieces that were reported never were: they are still to be made."""
    number = erp_now.work_order_number(fact.work_order_id)
    aps.want_plan(plant_id=fact.plant_id, reason="progress", text=f"A report of {number} was taken back", fact=record)


def follow_progress(fact: facts.OperationReported, record: FactRecord) -> None:
    """Work that keeps to the plan changes nothing; work that ends well before or after it wants a new one. What ended
    otherwise than by the floor ends there too.

    A report that loses pieces states PiecesLost beside it, which wants the plan: its reason is the one that counts.
    """
    if fact.is_finished:
        mes.end_finished_runs(operation_id=fact.operation_id, at=record.stated_at)
    if fact.loses_pieces:
        return
    aps.follow_progress(operation_id=fact.operation_id, is_finished=fact.is_finished, fact=record)
