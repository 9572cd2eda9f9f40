"""Before the quote and after the sale: leads, opportunities in every stage, activities, and cases about real orders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm import services as crm
from crm.models import Activity, Lead, LostReason, Opportunity, Stage, StageMove
from erp.models import SalesOrder
from masterdata.models import User
from masterdata.numbering import next_numbers
from suite.demo.factory import Demo

# title, value, stage, in this stage since days, decided in days, the next activity due in hours (None: nothing planned)
HOPES = [
    ("Canteen tables, 60 seats", 18400, "New", 1, 40, 26),
    ("Student rooms, 24 wardrobes", 31200, "New", 3, 62, None),
    ("Reception desk, oak", 6800, "New", 9, 25, -5),
    ("Show flats, two kitchens", 22500, "Qualified", 4, 33, 50),
    ("Office fit-out, second floor", 54800, "Qualified", 12, 75, 4),
    ("Library shelving", 16900, "Qualified", 21, 48, -30),
    ("Hotel rooms, first floor", 88200, "Offered", 6, 20, 28),
    ("Sideboards for ten shops", 27400, "Offered", 15, 12, None),
    ("Bed frames, spring order", 41900, "Offered", 2, 55, 75),
    ("Wardrobes, model change", 36600, "Negotiated", 5, 8, 3),
    ("Nursery furniture", 12300, "Negotiated", 11, 15, -2),
    ("Frame order for next year", 120000, "Negotiated", 18, 31, 52),
    ("Fitting kits, two thousand", 9600, "Won", 7, -7, None),
    ("Sideboards, export", 28800, "Won", 16, -16, None),
    ("Clinic cupboards", 33100, "Lost", 4, -4, None),
    ("Bar stools", 5400, "Lost", 19, -19, None),
]
LOST_BECAUSE = {"Clinic cupboards": ("DATE", "Needed three weeks sooner"), "Bar stools": ("PRICE", "6 % too dear")}
# firm, person, e-mail, phone, where from, note, days ago, who takes care
LEADS = [
    ("Café Morgen", "Lena Horn", "hallo@morgen.example", "", "referral", "Named by Studio Nord", 8, "selma"),
    ("", "Paul Weber", "paul.weber@mail.example", "+49 170 1234567", "mail", "One wardrobe, by the inch", 5, ""),
    ("Kita Sonnenweg", "Aylin Demir", "leitung@sonnenweg.example", "+49 30 5556677", "phone", "Low shelves", 4, "sara"),
    ("Studio Nord", "Jan Petersen", "jan@studionord.example", "+45 33 12 34 56", "web", "Oak veneer?", 2, ""),
    ("Lindenhof Hotel", "Ines Lind", "ines.lind@lindenhof.example", "+49 761 234567", "fair", "80 rooms", 1, "sara"),
]
# what it is about, topic, urgency, who takes care, days ago
CASES = [
    ("Two fitting kits are missing", "missing", 2, "selma", 4),
    ("Which oil for the oak top?", "question", 1, "", 2),
    ("Top scratched on arrival", "damage", 3, "sara", 1),
]
TO_DO = [
    ("mail", "Ask for the drawing"),
    ("call", "Call about the quotation"),
    ("visit", "Measure on site"),
    ("task", "Send oak samples"),
    ("meeting", "Agree on delivery"),
]

WORKDAYS, OFFICE = range(5), range(9, 17)
QUARTER = dt.timedelta(minutes=15)


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Written in bulk, dated over the last weeks; the cases by the services, as their facts stand on timelines."""
    stages = {stage.name: stage for stage in crm.lay_down_stages()}
    hopes = _hopes(demo, users, stages)
    _activities(demo, users, hopes)
    _leads(demo, users)
    _cases(demo, users)


def _hopes(demo: Demo, users: dict[str, User], stages: dict[str, Stage]) -> list[Opportunity]:
    numbers = next_numbers(company=demo.company, kind="OP", year=demo.now.year, count=len(HOPES))
    reasons = {reason.code: reason for reason in LostReason.objects.all()}
    rows = []
    for at, (title, value, stage, since, days, _next) in enumerate(HOPES):
        code, note = LOST_BECAUSE.get(title, ("", ""))
        since_at = demo.now - dt.timedelta(days=since)
        kind = stages[stage].kind
        rows.append(
            Opportunity(
                number=numbers[at],
                company=demo.company,
                customer=demo.customers[at % len(demo.customers)],
                title=title,
                value=Decimal(value),
                currency=demo.company.currency,
                stage=stages[stage],
                state=kind,
                stage_since_at=since_at,
                expected_on=(demo.now + dt.timedelta(days=days)).date(),
                owner=users["sara" if at % 3 else "selma"],
                lost_reason=reasons.get(code),
                lost_note=note,
                closed_at=since_at if kind != Stage.Kind.OPEN else None,
                made_at=since_at - dt.timedelta(days=10),
                made_by=users["sara"],
            )
        )
    Opportunity.objects.bulk_create(rows)
    first = stages["New"]
    StageMove.objects.bulk_create(
        StageMove(opportunity=row, stage=stage, moved_at=at, by=users["sara"])
        for row in rows
        for stage, at in ([(first, row.made_at)] if row.stage != first else []) + [(row.stage, row.stage_since_at)]
    )
    return rows


def _activities(demo: Demo, users: dict[str, User], hopes: list[Opportunity]) -> None:
    planned = [(row, HOPES[at][5]) for at, row in enumerate(hopes) if HOPES[at][5] is not None]
    rows = [
        Activity(
            company=demo.company,
            kind=TO_DO[at % len(TO_DO)][0],
            subject=TO_DO[at % len(TO_DO)][1],
            due_at=_in_office(demo, demo.now + dt.timedelta(hours=hours or 0)),
            is_whole_day=False,
            owner=row.owner or users["sara"],
            customer=row.customer,
            opportunity=row,
            made_at=row.stage_since_at,
            made_by=row.owner,
        )
        for at, (row, hours) in enumerate(planned)
    ]
    done = [
        Activity(
            company=demo.company,
            kind="call",
            subject="First call",
            due_at=_in_office(demo, row.made_at + dt.timedelta(days=1)),
            is_whole_day=False,
            owner=row.owner or users["sara"],
            customer=row.customer,
            opportunity=row,
            done_at=_in_office(demo, row.made_at + dt.timedelta(days=1)),
            done_by=row.owner,
            outcome="Interested",
            made_at=row.made_at,
            made_by=row.owner,
        )
        for row in hopes
    ]
    for one in rows:
        if one.due_at <= demo.now:
            one.remind_at, one.rung_at, one.mailed_at = one.due_at, one.due_at, one.due_at
    Activity.objects.bulk_create([*rows, *done])


def _in_office(demo: Demo, at: dt.datetime) -> dt.datetime:
    """The quarter of an hour nearest to it in which somebody is at work in the first plant: before it when it is past,
    else behind it."""
    local = at.astimezone(ZoneInfo(demo.plants["DG"].time_zone))
    local = local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0)
    step = QUARTER if at > demo.now else -QUARTER
    while local.weekday() not in WORKDAYS or local.hour not in OFFICE:
        local += step
    return local.astimezone(dt.UTC)


def _leads(demo: Demo, users: dict[str, User]) -> None:
    numbers = next_numbers(company=demo.company, kind="LD", year=demo.now.year, count=len(LEADS))
    Lead.objects.bulk_create(
        Lead(
            number=number,
            company=demo.company,
            organisation=firm,
            person=person,
            email=email,
            phone=phone,
            source=source,
            note=note,
            owner=users.get(owner),
            made_at=demo.now - dt.timedelta(days=days),
            made_by=users["sara"],
        )
        for number, (firm, person, email, phone, source, note, days, owner) in zip(numbers, LEADS, strict=True)
    )


def _cases(demo: Demo, users: dict[str, User]) -> None:
    orders = list(SalesOrder.objects.filter(confirmed_at__isnull=False).order_by("pk")[: len(CASES)])
    for order, (subject, topic, urgency, owner, days) in zip(orders, CASES, strict=False):
        line = order.lines.order_by("line_no").first()
        crm.open_case(
            subject=subject,
            topic=topic,
            urgency=urgency,
            order_line_id=line.pk if line else None,
            order_id=order.pk,
            owner_id=users[owner].pk if owner else None,
            now=demo.now - dt.timedelta(days=days),
            by=users["sara"],
        )
