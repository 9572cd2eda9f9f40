"""What poor quality costs: scrap that reports told and rework count beside non-conformances, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from erp import services as erp
from mes import selectors
from mes import services as mes
from mes.selectors.poor_quality import Bar
from tests.mes.hall import Hall, at, hall, step

D = Decimal


def bars(shop: Hall, by: str) -> dict[str, tuple[int, int, Decimal, Decimal, Decimal]]:
    """Of each bar: raised, only reported, pieces, scrap, rework."""
    found: list[Bar] = selectors.pareto(by, plant_ids=[shop.shop.plant.pk], since_at=at(-60), until_at=at(24 * 60))
    return {one.key: (one.number, one.reports, one.pieces, one.cost.scrap, one.cost.rework) for one in found}


def test_scrap_that_was_reported_costs_what_its_pieces_had_cost() -> None:
    """An hour at the saw for 7 pieces: labour 30.00, machine 60.00, 14 boards of 3.00: 132.00, so 18.86 for one.

    Taking the report back and telling it again changes nothing.
    """
    shop = hall()
    order = shop.shelves(is_ordered=True)
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    first = shop.report(saw, "SAW-1", 60, "6", "1")
    for _ in range(2):
        assert bars(shop, "defect") == {"S-CHIP": (0, 1, 1, D("18.86"), 0)}
        assert bars(shop, "machine") == {"SAW-1": (0, 1, 1, D("18.86"), 0)}
        line = order.sales_order_line
        assert line is not None
        assert bars(shop, "order") == {line.order.number: (0, 1, 1, D("18.86"), 0)}
        assert selectors.cost_of_order(line.order_id).total == D("18.86")
        undo = replace(shop.event(saw, "SAW-1", 60), kind="correction", payload={"corrects": str(first.event_id)})
        mes.log.take(event=undo, now=at(61))
        assert bars(shop, "defect") == {}
        first = shop.report(saw, "SAW-1", 60, "6", "1")


def test_what_a_non_conformance_counts_is_not_counted_again() -> None:
    """3 are scrapped in a report; of one of them a non-conformance says why. Another one is scrapped by a decision.

    62 minutes for 7 + 3 + 1 pieces: 31.00 + 62.00 + 22 boards of 3.00 = 159.00, so 28.91 for the two that only
    the report tells.
    """
    shop = hall()
    saw = step(shop.shelves("20"), 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 60, "7", "3")
    quentin = shop.person("quality")
    raised = [
        mes.raise_nonconformance(
            operation_id=saw.pk, quantity=D(1), at=at(61), defect_id=shop.reasons["S-CHIP"].pk, is_scrapped=scrapped,
            is_reported=False,
        )
        for scrapped in (True, False)
    ]  # fmt: skip
    raised_only = bars(shop, "defect")["S-CHIP"]
    assert raised_only[:3] == (2, 1, 4)  # 3 of the report, one of which is raised too, and one beside
    for row in raised:
        mes.dispose(
            nonconformance_id=row.pk, decision=mes.Decision(kind="scrap", quantity=D(1)), by=quentin, now=at(62)
        )
    number, reports, pieces, scrap, rework = bars(shop, "defect")["S-CHIP"]
    assert (number, reports, pieces, rework) == (2, 1, 4, 0)
    assert scrap == sum(selectors.costs_of([one.pk])[one.pk].scrap for one in raised) + D("28.91")


def test_rework_that_nobody_raised_is_there_as_it_was_booked() -> None:
    """One of three goes to rework; 10 minutes at the saw mend it: labour 5.00, machine 10.00."""
    shop = hall()
    order = shop.shelves("3")
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    mes.report(event=replace(shop.event(saw, "SAW-1", 15, "2"), rework_qty=D(1)), now=at(15))
    mended = erp.add_rework_step(
        work_order_id=order.pk, operation_id=saw.pk, name="Mend", work_centre_id=saw.work_centre_id, quantity=D(1),
        run_min_per_unit=D(10), setup_min=D(0), now=at(16),
    )  # fmt: skip
    shop.start(mended, "SAW-2", 20)
    shop.report(mended, "SAW-2", 30, "1")
    assert bars(shop, "machine") == {"SAW-2": (0, 1, 1, 0, D("15.00"))}
