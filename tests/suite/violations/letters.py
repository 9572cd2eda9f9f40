"""A conversation with a row of everything, and cases of messages."""

from __future__ import annotations

import datetime as dt

from crm import services as crm
from crm.mail.reading import read
from erp.models import SalesOrder
from tests.flows.workshop import Workshop
from tests.suite.violations import case

OTHER = "(SELECT id FROM masterdata_partner WHERE code = 'HARB')"
ANSWER = "(SELECT max(id) FROM crm_message WHERE answers_id IS NOT NULL)"

CASES = [
    case(
        "message_is_about_one_customer",
        f"UPDATE crm_message SET customer_id = {OTHER} WHERE order_id IS NOT NULL AND id = {ANSWER} RETURNING id",
    ),
    case(
        "answers_stay_in_their_conversation",
        f"UPDATE crm_message SET thread_id = NULL WHERE id = {ANSWER} RETURNING id",
    ),
    case(
        "mail_that_left_states_its_fact",
        "UPDATE crm_message SET sent_at = NULL, state = 'failed' WHERE state = 'sent' RETURNING id",
        what="left",
    ),
    case(
        "mail_that_left_states_its_fact",
        "UPDATE crm_message SET sent_at = made_at WHERE state = 'held' RETURNING id",
        what="held",
    ),
    case(
        "taken_mail_is_its_message",
        "UPDATE crm_incomingmail SET outcome = 'taken' WHERE outcome = 'twin' RETURNING message_id",
    ),
    case("mailbox_is_read_without_gaps", "UPDATE crm_mailbox SET last_uid = 1 RETURNING id"),
]


def write(shop: Workshop, now: dt.datetime) -> None:
    """A mail that left and was answered (the answer lay there twice), a held one, a call, one that nobody can read."""
    order = SalesOrder.objects.filter(customer=shop.customer, confirmed_at__isnull=False).earliest("pk")
    about = {"customer_id": shop.customer.pk, "order_id": order.pk}
    words = {"subject": "Your tables", "body": "Soon.", "to": "ute@nordhaus.example", "language": "en", "now": now}
    asked = crm.queue_message(**about, **words, attachments=[("a.txt", "text/plain", b"oak")])
    for one in crm.claim_mail(now=now, most=20):
        crm.mark_sent(message_id=one.pk, lease_no=one.lease_no, now=now)
    crm.queue_message(**about, **words, hold=True)
    crm.log_message(kind="call", **about, body="Asked.", minutes=3, now=now)
    crm.write_template(
        code="soon", name="Soon", purpose="order", language="en", subject="{order.number}", body="Soon.", now=now
    )
    box = crm.claim_mailbox(name="box", company_code=shop.company.code, now=now)
    assert box is not None
    at = {"mailbox_id": box.pk, "lease_no": box.lease_no, "uid_validity": 1, "now": now}
    crm.enter_mailbox(mailbox_id=box.pk, lease_no=box.lease_no, uid_validity=1)
    raw = f"From: ute@nordhaus.example\r\nMessage-ID: <1@x>\r\nIn-Reply-To: {asked.message_id}\r\n\r\nFine.".encode()
    for uid in (1, 2):
        crm.take_mail(**at, uid=uid, size=len(raw), mail=read(raw))
    crm.quarantine_mail(**at, uid=3, size=3, raw=b"???", error="It names no sender.")
    crm.leave_mailbox(mailbox_id=box.pk, lease_no=box.lease_no, now=now)
