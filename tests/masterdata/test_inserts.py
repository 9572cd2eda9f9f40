"""New rows of several tables in one round trip."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from masterdata import inserts
from masterdata.models import Employee, FactRecord, FlowRun, Unit
from tests.factories import factory

pytestmark = pytest.mark.django_db


def test_rows_are_as_bulk_create_would_have_written_them() -> None:
    """The same values by both ways, read back."""
    moment = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    fact = FactRecord(kind='A "quoted" {kind}', payload={"a": ["\\", None, "ü"], "b": "1.50"}, stated_at=moment)
    twin = FactRecord(kind=fact.kind, payload=fact.payload, stated_at=moment)
    inserts.insert([fact])
    FactRecord.objects.bulk_create([twin])
    one, other = (FactRecord.objects.values().get(pk=row.pk) for row in (fact, twin))
    assert one == other | {"id": fact.pk}
    run = FlowRun(fact=fact, flow="x", queue="default", state=FlowRun.State.DONE, next_at=moment)
    inserts.insert([run])
    assert FlowRun.objects.get().done_at is None
    assert FlowRun.objects.get().state == "done"


def test_what_only_the_database_defaults_is_what_it_says_and_not_how_python_prints_it() -> None:
    """`short_reason` of a work order and `shift_name` of an employee have a default of the database alone."""
    shop = factory()
    person = inserts.new(Employee, code="E9", name="Li Wei", badge="B-9", plant_id=shop.plant.pk)
    by_hand = Employee(code="E8", name="Li Wei", badge="B-8", plant=shop.plant)
    inserts.insert([person])
    inserts.insert([by_hand])
    assert person.shift_name == ""
    assert set(Employee.objects.values_list("shift_name", "pin_hash")) == {("", "")}


def test_ids_are_given_before_and_all_tables_are_written_in_one_trip() -> None:
    facts = [FactRecord(kind=f"K{number}", payload={}) for number in range(3)]
    runs = [FlowRun(fact=fact, flow="x", queue="default") for fact in facts]
    inserts.give_ids(runs)
    assert len({run.pk for run in runs} - {None}) == 3
    with CaptureQueriesContext(connection) as queries:
        inserts.insert(facts, runs)
    assert len(queries) == 2
    assert list(FlowRun.objects.order_by("pk").values_list("pk", "fact__kind")) == [
        (run.pk, fact.kind) for run, fact in zip(runs, facts, strict=True)
    ]
    assert not runs[0]._state.adding
    assert FlowRun.objects.create(fact=facts[0], flow="y", queue="default").pk > runs[-1].pk


def test_nothing_to_write_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        inserts.give_ids([])
        inserts.insert([], [])
    assert not queries


def test_what_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError), transaction.atomic():
        inserts.insert([Unit(code="x", name="n" * 61)])


def test_a_broken_rule_is_djangos_error() -> None:
    with pytest.raises(IntegrityError, match="unit_rounding_positive"), transaction.atomic():
        inserts.insert([Unit(code="x", name="X", rounding=Decimal(0))])
