"""Webhook endpoints: made, changed, rotated, paused, tested; deliveries: claimed, settled, tried again."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Plant, User, WebhookDelivery, WebhookEndpoint
from masterdata.webhooks import posting, signing

MOST_ATTEMPTS = 12
MOST_FAILURES = 30
FAILS_FOR = dt.timedelta(hours=2)
"""Both have to be reached: a receiver that is started anew fails often within seconds. After that long nothing has been
given up yet."""
BOTH_SECRETS_FOR = dt.timedelta(days=1)
LEASE = dt.timedelta(seconds=60)
LONGEST_WAIT_SECONDS = 3600
TEST_KIND = "TestEvent"
State = WebhookDelivery.State
TO_SEND = Q(state__in=[State.WAITING, State.FAILED])


class EndpointPaused(Refusal):
    """Nothing is sent to it now."""

    code = "endpoint_paused"


class AlreadyDelivered(Refusal):
    """The endpoint has taken it."""

    code = "already_delivered"


@dataclass(frozen=True)
class IssuedWebhook:
    """An endpoint with its secret, which is shown in this answer only."""

    endpoint: WebhookEndpoint
    secret: str


@transaction.atomic
def make_endpoint(
    *,
    company: Company,
    name: str,
    url: str,
    now: dt.datetime,
    kinds: Sequence[str] = (),
    plants: Sequence[Plant] = (),
    by: User | None = None,
) -> IssuedWebhook:
    """An endpoint that is told of the company's facts from now on. Raises InvalidInput naming the field."""
    _check(company, None, name, url, kinds, plants)
    endpoint = WebhookEndpoint.objects.create(
        company=company, name=name.strip(), url=url, kinds=sorted(set(kinds)), made_at=now, made_by=by
    )
    endpoint.plants.set(plants)
    live.publish("webhooks", endpoint.pk)
    return IssuedWebhook(endpoint, signing.secret_of(endpoint))


@transaction.atomic
def change_endpoint(
    *,
    endpoint_id: int,
    name: str,
    url: str,
    kinds: Sequence[str],
    plants: Sequence[Plant],
    expected_version: int | None = None,
) -> WebhookEndpoint:
    """Another name, address, other kinds or plants. Locks it. Raises StaleVersion, InvalidInput."""
    endpoint = held(endpoint_id)
    if expected_version is not None and endpoint.version != expected_version:
        raise StaleVersion(f"{endpoint.name} was changed meanwhile: look at it again.", version=endpoint.version)
    _check(endpoint.company, endpoint.pk, name, url, kinds, plants)
    endpoint.name, endpoint.url, endpoint.kinds = name.strip(), url, sorted(set(kinds))
    endpoint.version += 1
    endpoint.save(update_fields=["name", "url", "kinds", "version"])
    endpoint.plants.set(plants)
    live.publish("webhooks", endpoint.pk)
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_id: int, now: dt.datetime) -> IssuedWebhook:
    """A new secret; for a day the one before signs beside it. Locks the endpoint."""
    endpoint = held(endpoint_id)
    endpoint.secret_no += 1
    endpoint.previous_until_at = now + BOTH_SECRETS_FOR
    endpoint.version += 1
    endpoint.save(update_fields=["secret_no", "previous_until_at", "version"])
    return IssuedWebhook(endpoint, signing.secret_of(endpoint))


@transaction.atomic
def pause_endpoint(*, endpoint_id: int, because: str = "") -> WebhookEndpoint:
    """Nothing is noted for it and nothing sent to it until it is resumed; what waits stays. Locks it."""
    return _switch(endpoint_id, is_active=False, because=because)


@transaction.atomic
def resume_endpoint(*, endpoint_id: int, now: dt.datetime) -> WebhookEndpoint:
    """It is told of facts again, and what waits is sent at once. Locks it."""
    endpoint = _switch(endpoint_id, is_active=True, because="")
    WebhookDelivery.objects.filter(TO_SEND, endpoint=endpoint).update(next_at=now)
    return endpoint


def _switch(endpoint_id: int, *, is_active: bool, because: str) -> WebhookEndpoint:
    endpoint = held(endpoint_id)
    endpoint.is_active, endpoint.stopped_because = is_active, because[:200]
    endpoint.failures, endpoint.failing_since_at = 0, None
    endpoint.version += 1
    endpoint.save(update_fields=["is_active", "stopped_because", "failures", "failing_since_at", "version"])
    live.publish("webhooks", endpoint.pk)
    return endpoint


@transaction.atomic
def send_test(*, endpoint_id: int, now: dt.datetime) -> WebhookDelivery:
    """An event of the kind TestEvent, about nothing. Raises EndpointPaused."""
    endpoint = held(endpoint_id)
    if not endpoint.is_active:
        raise EndpointPaused(f"{endpoint.name} is paused: resume it first.")
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, kind=TEST_KIND, made_at=now, next_at=now)
    live.publish("webhooks", endpoint.pk)
    return delivery


@transaction.atomic
def retry_delivery(*, delivery_id: int, now: dt.datetime) -> WebhookDelivery:
    """Try a failed or given up delivery again at once, as often as the first time. Raises AlreadyDelivered."""
    delivery = _held_delivery(delivery_id)
    if delivery.state == State.DONE:
        raise AlreadyDelivered("It has been delivered: nothing is left to try.")
    delivery.state, delivery.attempts, delivery.next_at = State.WAITING, 0, now
    delivery.save(update_fields=["state", "attempts", "next_at"])
    live.publish("webhooks", delivery.endpoint_id)
    return delivery


def take_endpoint(*, endpoint_id: int, now: dt.datetime) -> bool:
    """Whether the caller alone sends to it from now on, until it lets it go or its lease ends."""
    free = WebhookEndpoint.objects.filter(Q(busy_until_at=None) | Q(busy_until_at__lt=now), pk=endpoint_id)
    return bool(free.filter(is_active=True).update(busy_until_at=now + LEASE))


def let_endpoint_go(*, endpoint_id: int) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(busy_until_at=None)


@transaction.atomic
def claim_delivery(*, endpoint_id: int, now: dt.datetime) -> WebhookDelivery | None:
    """The next delivery that is due, leased: nobody else sends it until the lease ends. It has its number then.

    Extends the lease of the endpoint. Nothing when none is due or the endpoint is paused.
    """
    due = WebhookDelivery.objects.filter(
        TO_SEND, Q(leased_until_at=None) | Q(leased_until_at__lt=now), endpoint=endpoint_id, next_at__lte=now,
        endpoint__is_active=True,
    )  # fmt: skip
    claimed = (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("endpoint__company", "fact")
        .order_by("pk")
        .first()
    )
    if claimed is None:
        return None
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(
        busy_until_at=now + LEASE, last_no=F("last_no") + int(claimed.sequence_no is None)
    )
    if claimed.sequence_no is None:
        claimed.sequence_no = WebhookEndpoint.objects.values_list("last_no", flat=True).get(pk=endpoint_id)
    claimed.attempts += 1
    claimed.leased_until_at = now + LEASE
    claimed.save(update_fields=["sequence_no", "attempts", "leased_until_at"])
    return claimed


@transaction.atomic
def settle_delivery(*, delivery_id: int, answer: posting.Answer, now: dt.datetime) -> WebhookDelivery:
    """Write what came back: delivered, to be tried again, or given up. An endpoint that fails too long is paused."""
    delivery = _held_delivery(delivery_id)
    endpoint = held(delivery.endpoint_id)
    delivery.status, delivery.excerpt, delivery.duration_ms = answer.status, answer.excerpt, answer.duration_ms
    delivery.leased_until_at = None
    if answer.is_taken:
        delivery.state, delivery.done_at = State.DONE, now
        endpoint.failures, endpoint.failing_since_at = 0, None
    elif delivery.state != State.DONE:
        delivery.state = State.DEAD if delivery.attempts >= MOST_ATTEMPTS else State.FAILED
        delivery.next_at = now + backoff(delivery.attempts)
        _count_failure(endpoint, now)
    delivery.save()
    endpoint.save(update_fields=["failures", "failing_since_at", "is_active", "stopped_because"])
    live.publish("webhooks", endpoint.pk)
    return delivery


def _count_failure(endpoint: WebhookEndpoint, now: dt.datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since_at = endpoint.failing_since_at or now
    if endpoint.failures >= MOST_FAILURES and now - endpoint.failing_since_at >= FAILS_FOR:
        endpoint.is_active = False
        endpoint.stopped_because = f"Switched off: it took nothing for 2 hours, {endpoint.failures} tries in a row"


def backoff(attempts: int) -> dt.timedelta:
    """5, 10, 20 ... seconds, at most an hour, with jitter of a fifth."""
    seconds = min(LONGEST_WAIT_SECONDS, settings.WEBHOOK_BACKOFF_SECONDS * 2 ** (attempts - 1))
    return dt.timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, not a secret)


@transaction.atomic
def waiting_endpoints(*, now: dt.datetime, again_after: dt.timedelta) -> list[int]:
    """Endpoints with something due, that nobody sends to and that were not woken lately; marked as woken now."""
    due = WebhookDelivery.objects.filter(TO_SEND, next_at__lte=now).order_by().values("endpoint")
    rows = WebhookEndpoint.objects.filter(
        Q(woken_at=None) | Q(woken_at__lt=now - again_after),
        Q(busy_until_at=None) | Q(busy_until_at__lt=now),
        is_active=True,
        pk__in=due,
    )
    found = list(rows.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    WebhookEndpoint.objects.filter(pk__in=found).update(woken_at=now)
    return found


def held(endpoint_id: int) -> WebhookEndpoint:
    """The endpoint, locked."""
    rows = WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).select_related("company")
    return rows.order_by("pk").get(pk=endpoint_id)


def _held_delivery(delivery_id: int) -> WebhookDelivery:
    return WebhookDelivery.objects.select_for_update(of=("self",)).order_by("pk").get(pk=delivery_id)


def _check(
    company: Company, pk: int | None, name: str, url: str, kinds: Sequence[str], plants: Sequence[Plant]
) -> None:
    if not name.strip():
        raise InvalidInput("Give it a name.", field="name")
    same = WebhookEndpoint.objects.filter(company=company, name=name.strip())
    if (same if pk is None else same.exclude(pk=pk)).exists():
        raise InvalidInput(f"{company.name} has an endpoint of this name: choose another.", field="name")
    posting.check_url(url)
    if unknown := sorted(set(kinds) - set(facts.kinds())):
        raise InvalidInput(f"There is no fact {unknown[0]}: choose kinds from the list.", field="kinds")
    if any(plant.company_id != company.pk for plant in plants):
        raise InvalidInput(f"Choose plants of {company.name}.", field="plants")
