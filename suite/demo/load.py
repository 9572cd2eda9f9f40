"""Loads the demo factory into an empty database: masters, people, orders, plans, a broken machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from aps import services as aps
from crm import services as crm
from crm.models import Quotation, QuotationLine
from masterdata import facts, worktime
from masterdata.models import Company, FlowRun, User
from mes import services as mes
from suite.asks import computing
from suite.asks.answers import OfferQuestion
from suite.demo import (
    agreeing,
    buying,
    catalogue,
    choices,
    crew,
    factory,
    floor,
    floor_now,
    instructions,
    letters,
    money,
    orders,
    papers,
    people,
    pipeline,
    promised,
    promising,
    quality,
    rush,
    selling,
    shipping,
    standards,
    stockroom,
    subcontracting,
    supply,
    tablets,
    tracing,
    uploads,
)
from suite.demo.factory import Demo
from suite.flows import runner

DOWN_FOR_MIN = 30 * 60  # of working time, two days of two shifts: whenever the demo is loaded, somebody has to wait
MOVES = 4000  # of the search for each plan: the same plans at every load
A_DAY_S = 24 * 60 * 60


class NotEmptyError(Exception):
    """The database holds a company already."""


def load(now: dt.datetime) -> Demo:
    """Everything in one transaction but the plans, which follow like in daily life. Raises NotEmptyError."""
    with facts.waking_nobody(), _quick_plans():
        with transaction.atomic():
            if Company.objects.exists():
                raise NotEmptyError
            demo = factory.build(catalogue.build(), now)
            users = people.hire(demo)
            crew.prepare(demo)
            story = orders.Story(demo, users)
            story.tell()
            promised.tell(demo)
            supply.keep_hardware(demo)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the tables were empty a moment ago, and the database still thinks so
        settle(demo)
        with transaction.atomic():
            papers.tell(demo)
            buying.tell(demo, users)
            subcontracting.tell(demo)
            stockroom.tell(demo, users)
            shipping.tell(demo, users, story)
            standards.tell(demo, users)
            money.tell(demo, users)
            tracing.tell(demo)
            choices.order_shelves(demo)
            _run_the_floor(demo, users)
            agreeing.tell(demo, users)
            pipeline.tell(demo, users)
        settle(demo)
        with transaction.atomic():
            money.close_months(demo, users["anna"])
        _sell(demo, users)
        uploads.upload_suppliers(demo, users["admin"])
    return demo


def _run_the_floor(demo: Demo, users: dict[str, User]) -> None:
    """What the floor has reported until now, and the machine that is down."""
    instructions.tell(demo, users)
    floor.tell(demo, users)
    promising.observe(demo)
    _break_a_machine(demo)
    crew.tell(demo, users)
    floor_now.call(demo, users)
    tablets.give_pins()
    tablets.tell(demo, users)
    quality.tell(demo, users)


def _sell(demo: Demo, users: dict[str, User]) -> None:
    """What sales does with the plan that there is, and what was said about it."""
    _quote(demo, users)
    promising.tell(demo, users)
    rush.ask(demo, users)
    letters.tell(demo)
    choices.wonder(demo, users)


@contextmanager
def _quick_plans() -> Iterator[None]:
    """A budget of moves instead of seconds, unless the installation has set one; rush questions are answered whole.

    They are asked at the demo's now, which by then is long ago.
    """
    given = settings.THROUGHLINE_SOLVE_MOVES, settings.THROUGHLINE_RUSH_SECONDS
    settings.THROUGHLINE_SOLVE_MOVES = MOVES if given[0] is None else given[0]
    settings.THROUGHLINE_RUSH_SECONDS = A_DAY_S
    try:
        yield
    finally:
        settings.THROUGHLINE_SOLVE_MOVES, settings.THROUGHLINE_RUSH_SECONDS = given


def settle(demo: Demo) -> None:
    """Run what waits and plan the plants here, so that the first page is complete before any worker starts."""
    for _ in range(10):
        waiting = list(FlowRun.objects.filter(state=FlowRun.State.WAITING).order_by("pk").values_list("pk", flat=True))
        if not waiting:
            return
        with transaction.atomic():
            for run_id in waiting:
                runner.run(run_id)
        for plant in demo.plants.values():
            aps.plan_plant(plant_id=plant.pk, now=demo.now, holder="demo")


def _quote(demo: Demo, users: dict[str, User]) -> None:
    """Prices and limits, the dates of what is open, and what of it has gone out or waits."""
    selling.tell(demo, users)
    _offer_dates(demo, users)
    selling.send(demo, users)


def _offer_dates(demo: Demo, users: dict[str, User]) -> None:
    """Open quotations carry the dates that the plan can keep, as if somebody had typed them just now."""
    for quotation in Quotation.objects.filter(state=Quotation.State.DRAFT).prefetch_related("lines").order_by("pk"):
        crm.rewrite_quotation(
            quotation_id=quotation.pk,
            lines=[_offered(demo, line) for line in quotation.lines.all()],
            now=demo.now,
            by=users["sara"],
        )


def _offered(demo: Demo, line: QuotationLine) -> crm.QuotationLineInput:
    question = OfferQuestion(
        material_id=line.material_id,
        quantity=line.quantity,
        plant_id=line.plant_id,
        wanted_on=line.wanted_on,
        now=demo.now,
    )
    reply = computing.compute(question)
    best = reply.best
    return crm.QuotationLineInput(
        plant_id=line.plant_id,
        material_id=line.material_id,
        quantity=line.quantity,
        wanted_on=line.wanted_on,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        is_option=line.is_option,
        note=line.note,
        offered_at=best.deliver_at if best else None,
        offered_cost=best.cost if best else None,
        offered_cause=best.cause if best else "",
        plan_no=reply.plan_no,
    )


def _break_a_machine(demo: Demo) -> None:
    """An edge bander has been down for two hours; its spare part is two working days away."""
    machine = demo.plants["DG"].work_centres.get(code="EDGE").machines.get(code="EDGE-02")
    calendar = machine.calendar_id or machine.work_centre.calendar_id
    working = worktime.working_times([calendar], demo.now, demo.now + dt.timedelta(days=30))[calendar]
    mes.report_machine_down(
        machine_id=machine.pk,
        since_at=demo.now - dt.timedelta(hours=2),
        estimated_until_at=worktime.end_of_work(working, demo.now, DOWN_FOR_MIN),
        now=demo.now,
        text="EDGE-02 Edge bander 2 is down: glue unit, spare part ordered",
    )
