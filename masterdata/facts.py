"""Facts: what happened, stated in the transaction that made it so, and handed to the flows that follow.

A fact is a frozen dataclass in the past tense in an app's `facts`. It carries ids and codes, never rows. `state`
writes the FactRecord, one waiting FlowRun per flow and one delivery per webhook endpoint that hears of it, in the
caller's transaction; after the commit a wake-up is sent, which may be lost: the relay finds what still waits.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from django.db import transaction

from masterdata import inserts, statements
from masterdata.models import FactRecord, FlowRun, User
from masterdata.webhooks import outbox


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. `about` names the documents whose timeline may show it, such as "order:{order_id}"."""

    topic: ClassVar[str] = ""
    about: ClassVar[tuple[str, ...]] = ()

    @property
    def subject(self) -> str:
        """The first of `about` that it has, such as "order:17"; empty when no timeline shows it."""
        values = vars(self)
        there = (form for form in self.about if values[form[form.index("{") + 1 : -1]])
        return next(there, "").format_map(values)


@dataclass(frozen=True)
class FlowEntry:
    """One flow of the table: its stable name and the queue that runs it."""

    name: str
    queue: str


class UnregisteredFact(RuntimeError):
    """A fact that the flow table does not name: a defect, never a person's fault."""


_flows: dict[str, Sequence[FlowEntry]] = {}
_wake: Callable[[Sequence[tuple[int, str]]], None] | None = None
_cause: ContextVar[FactRecord | None] = ContextVar("cause", default=None)
_actor: ContextVar[User | None] = ContextVar("actor", default=None)
_correlation: ContextVar[str] = ContextVar("correlation", default="")
_together: ContextVar[list[tuple[int, str]] | None] = ContextVar("together", default=None)
_wakes: ContextVar[bool] = ContextVar("wakes", default=True)


def install(table: dict[str, Sequence[FlowEntry]], wake: Callable[[Sequence[tuple[int, str]]], None]) -> None:
    """Take the flow table (fact kind -> flows) and the function that wakes workers. Called once by the house."""
    global _wake
    _flows.clear()
    _flows.update(table)
    _wake = wake


@contextmanager
def because(cause: FactRecord | None) -> Iterator[None]:
    """Facts stated inside name `cause` as theirs: the chain from a machine's alarm to a customer's date."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def acting(user: User | None, correlation_id: str = "") -> Iterator[None]:
    """Facts stated inside name `user` and the request's correlation id; without one, that of the request around."""
    actor, correlation = _actor.set(user), _correlation.set(correlation_id or _correlation.get())
    try:
        yield
    finally:
        _actor.reset(actor)
        _correlation.reset(correlation)


@contextmanager
def waking_nobody() -> Iterator[None]:
    """Flow runs of facts stated inside wait for the caller, who runs them itself; the relay finds what is left."""
    token = _wakes.set(False)
    try:
        yield
    finally:
        _wakes.reset(token)


@contextmanager
def waking_once() -> Iterator[None]:
    """Flow runs of facts stated inside wake their workers together, after the commit. Call it in the transaction."""
    together: list[tuple[int, str]] = []
    token = _together.set(together)
    try:
        yield
    finally:
        _together.reset(token)
    if together and _wake:
        wake = _wake
        transaction.on_commit(lambda: wake(together))


def kinds() -> list[str]:
    """All kinds of facts that there are."""
    return sorted(_flows)


def current_cause() -> FactRecord | None:
    """The fact whose flow is running, if any."""
    return _cause.get()


def state(fact: Fact) -> FactRecord:
    """Write the fact and its waiting flow runs; wake the workers after the commit.

    Must be called inside a transaction. Raises UnregisteredFact when the flow table does not know the fact.
    """
    return state_all([fact])[0]


def state_all(stated: Sequence[Fact]) -> list[FactRecord]:
    """`state` for several facts: one round trip and one wake-up however many."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a fact is stated in the transaction that made it so")
    unknown = {type(fact).__name__ for fact in stated} - _flows.keys()
    if unknown:
        raise UnregisteredFact(f"{', '.join(sorted(unknown))} stands in no row of the flow table")
    records = [_record(fact) for fact in stated]
    runs = [
        FlowRun(fact=record, flow=entry.name, queue=entry.queue, woken_at=record.stated_at)
        for record in records
        for entry in _flows[record.kind]
    ]
    _write(records, runs)
    if runs and _wake and _wakes.get():
        _wake_later([(run.pk, run.queue) for run in runs], _wake)
    return records


def _wake_later(woken: list[tuple[int, str]], wake: Callable[[Sequence[tuple[int, str]]], None]) -> None:
    if (together := _together.get()) is not None:
        together += woken
    else:
        transaction.on_commit(lambda: wake(woken))


def _write(records: list[FactRecord], runs: list[FlowRun]) -> None:
    """Both in one round trip; the runs learn their ids, and webhook endpoints that hear of it get their deliveries."""
    if not records:
        return
    query, values = inserts.statement(records)
    stated = (query + outbox.LISTENERS, values)
    if runs:
        query, values = inserts.statement(runs)
        told, ids = statements.together(stated, (f"{query} RETURNING id", values))
        for run, (pk,) in zip(runs, ids, strict=True):
            run.pk = pk
    else:
        told = statements.run(*stated)
    inserts.are_written(records, runs)
    outbox.write(records, outbox.listeners(told), wakes=_wakes.get())


def _record(fact: Fact) -> FactRecord:
    return FactRecord(
        kind=type(fact).__name__,
        payload={field.name: _plain(getattr(fact, field.name)) for field in fields(fact)},
        subject=fact.subject,
        cause=_cause.get(),
        by=_actor.get(),
        correlation_id=_correlation.get(),
    )


def read(kind: type[Fact], record: FactRecord) -> Any:
    """The fact as it was stated, from its record."""
    hints = {field.name: str(field.type) for field in fields(kind)}
    return kind(**{name: _typed(hints[name], value) for name, value in record.payload.items() if name in hints})


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(hint: str, value: Any) -> Any:
    if value is None:
        return None
    if "datetime" in hint:
        return dt.datetime.fromisoformat(value)
    if "date" in hint:
        return dt.date.fromisoformat(value)
    if "Decimal" in hint:
        return decimal.Decimal(value)
    if "UUID" in hint:
        return uuid.UUID(value)
    if "tuple" in hint:
        return tuple(value)
    return value
