"""Who sends: one delivery after the other to one endpoint, each claimed, posted outside any transaction, and settled.

A sender that dies leaves leases: when they end, another sends the same event with the same id again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from masterdata.models import WebhookDelivery
from masterdata.services import webhooks
from masterdata.webhooks import places, posting, signing

SENDS_FOR_S = 20
AGENT = "Throughline-Webhooks/1"


def send_due(endpoint_id: int, clock: Callable[[], datetime]) -> int:
    """Send what is due to the endpoint, for some seconds at most; how many were sent, 0 when another sends."""
    if not webhooks.take_endpoint(endpoint_id=endpoint_id, now=clock()):
        return 0
    sent, until = 0, time.monotonic() + SENDS_FOR_S
    try:
        while time.monotonic() < until:
            claimed = webhooks.claim_delivery(endpoint_id=endpoint_id, now=clock())
            if claimed is None:
                break
            answer = send(claimed, clock())
            webhooks.settle_delivery(delivery_id=claimed.pk, answer=answer, now=clock())
            sent += 1
    finally:
        webhooks.let_endpoint_go(endpoint_id=endpoint_id)
    return sent


def send(delivery: WebhookDelivery, now: datetime) -> posting.Answer:
    """One try: the body signed with the secrets that are valid now."""
    body = body_of(delivery)
    endpoint = delivery.endpoint
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        signing.HEADER: signing.signature(body, secrets=signing.secrets_of(endpoint, now), at=now),
        "Throughline-Event": str(delivery.event_id),
        "Throughline-Kind": delivery.kind,
        "Throughline-Delivery": str(delivery.pk),
        "Throughline-Sequence": str(delivery.sequence_no),
        "Throughline-Attempt": str(delivery.attempts),
    }
    return posting.post(endpoint.url, body, headers)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The event as JSON, the same at each try."""
    fact = delivery.fact
    payload = fact.payload if fact else {"text": f"A test for {delivery.endpoint.name}"}
    event = {
        "id": str(delivery.event_id),
        "kind": delivery.kind,
        "stated_at": (fact.stated_at if fact else delivery.made_at).isoformat(),
        "company": delivery.endpoint.company.code,
        "subject": fact.subject if fact else "",
        "cause": str(fact.cause_id) if fact and fact.cause_id else None,
        "sequence": delivery.sequence_no,
        "data": payload,
        "links": {
            name: settings.PUBLIC_URL.rstrip("/") + path for name, path in places.links(delivery.kind, payload).items()
        },
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
