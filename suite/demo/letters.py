"""What was said in the demo: templates in two languages, a conversation about an order, calls, notes, mail to handle.

No mail server is needed: what was sent and what came in is taken as the servers would have told it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from crm import services as crm
from crm.mail import reading
from crm.models import Case, Message, Quotation
from erp.models import SalesOrder
from masterdata.models import Contact, User
from suite.demo.factory import Demo

TEMPLATES = Path(__file__).with_name("message_templates.toml")
CALLS = [
    ("in", 6, "Told when it leaves", "Asked whether the boxes can come in the morning. Before 9, at gate 2."),
    ("out", 4, "Will send the drawing", "The niche is 12 mm narrower than on their drawing: waits for a new one."),
    ("out", 11, "Wants a new price for 40", "Talked through the offer. Likes it, wants a price for forty pieces."),
    ("in", 3, "Solved", "Asked for the colour of the edge band: RAL 9003, as on the last order."),
]
NOTES = [
    "Pays within ten days when asked for a discount.",
    "Their warehouse is closed between Christmas and 6 January.",
    "New buyer since October, the old one still decides above 20,000.",
]


def tell(demo: Demo) -> None:
    """Templates, then what was said about the newest orders and quotations."""
    for words in tomllib.loads(TEMPLATES.read_text(encoding="utf-8"))["template"]:
        crm.write_template(**words, now=demo.now)
    sara = User.objects.filter(username="sara").first()
    orders = list(SalesOrder.objects.filter(confirmed_at__isnull=False).select_related("customer").order_by("-pk")[:9])
    for number, (way, minutes, outcome, words) in enumerate(CALLS):
        order = orders[number]
        crm.log_message(
            kind="call", customer_id=order.customer_id, order_id=order.pk, direction=way, minutes=minutes,
            outcome=outcome, body=words, by=sara, now=demo.now - dt.timedelta(days=number, hours=2),
        )  # fmt: skip
    for number, words in enumerate(NOTES):
        customer = orders[number + 4].customer_id
        at = demo.now - dt.timedelta(days=3 * number + 1)
        crm.log_message(kind="note", customer_id=customer, body=words, by=sara, now=at)
    _conversation(demo, orders[0], sara)
    _waiting(demo, orders[1], sara)


def _conversation(demo: Demo, order: SalesOrder, sara: User | None) -> None:
    """Asked, answered, thanked; then somebody whom nobody knows."""
    contact = _contact(order)
    box = crm.claim_mailbox(name="sales@demo/INBOX", company_code="", now=demo.now)
    assert box is not None
    asked = _came(box.pk, box.lease_no, 1, demo.now - dt.timedelta(hours=26), f"""From: {contact.name} <{contact.email}>
To: sales@demo.example
Subject: Order {order.number}
Message-ID: <demo-1@customer.example>

Good morning,

can you tell us where order {order.number} is? Our fitters would come on Monday.

{contact.name}
""")  # fmt: skip
    about: dict[str, Any] = {"customer_id": order.customer_id, "order_id": order.pk, "language": "en", "by": sara}
    crm.assign_message(
        message_id=asked.pk, customer_id=order.customer_id, order_id=order.pk, now=demo.now - dt.timedelta(hours=25)
    )
    answer = crm.queue_message(
        **about, to=contact.email, subject=f"Re: Order {order.number}", answers_id=asked.pk,
        body="It is on the machine now and leaves as promised. You will have it before your fitters come.",
        now=demo.now - dt.timedelta(hours=24),
    )  # fmt: skip
    for sent in crm.claim_mail(now=demo.now - dt.timedelta(hours=24), most=20):
        crm.mark_sent(message_id=sent.pk, lease_no=sent.lease_no, now=demo.now - dt.timedelta(hours=24))
    _came(box.pk, box.lease_no, 2, demo.now - dt.timedelta(hours=20), f"""From: {contact.name} <{contact.email}>
To: sales@demo.example
Subject: Re: Order {order.number}
Message-ID: <demo-2@customer.example>
In-Reply-To: {answer.message_id}

Perfect, thank you. Please bring the spare shelf too, if it is ready.

On Friday, {sara or "sales"} wrote:
> It is on the machine now and leaves as promised.
""")  # fmt: skip
    _came(box.pk, box.lease_no, 3, demo.now - dt.timedelta(hours=3), """From: Pavel Dvorak <pavel@cafe-merkur.example>
To: sales@demo.example
Subject: Tables for a cafe
Message-ID: <demo-3@customer.example>

Hello, we open a cafe in March and need about thirty small tables, oak, oiled. Do you make such things, and by when?

Pavel Dvorak
""")  # fmt: skip
    crm.leave_mailbox(mailbox_id=box.pk, lease_no=box.lease_no, now=demo.now)


def _waiting(demo: Demo, order: SalesOrder, sara: User | None) -> None:
    """One mail is held for review, one waits for a mail server."""
    contact = _contact(order)
    crm.queue_message(
        customer_id=order.customer_id, order_id=order.pk, to=contact.email, language="en", by=sara, hold=True,
        subject=f"Order {order.number}: a part first?", now=demo.now - dt.timedelta(hours=1),
        body="We could bring half of it a week earlier. Would that help you?",
    )  # fmt: skip
    quotation = Quotation.objects.filter(state="draft").select_related("customer").order_by("-pk").first()
    case = Case.objects.select_related("customer").order_by("-pk").first()
    for document, name in ((quotation, "quotation_id"), (case, "case_id")):
        if document is not None:
            crm.queue_message(
                customer_id=document.customer_id, to=f"buying@{document.customer.code.lower()}.example", language="en",
                subject=f"{document.number}", body="As we talked on the phone: it is as you wished.", by=sara,
                now=demo.now - dt.timedelta(minutes=20), quotation_id=document.pk if name == "quotation_id" else None,
                case_id=document.pk if name == "case_id" else None,
            )  # fmt: skip


def _contact(order: SalesOrder) -> Contact:
    """The customer's person, made when there is none."""
    known = order.customer.contacts.exclude(email="").order_by("pk").first()
    if known is not None:
        return known
    code = order.customer.code.lower()
    return Contact.objects.create(partner=order.customer, name="Ute Ahrens", email=f"u.ahrens@{code}.example")


def _came(mailbox_id: int, lease_no: int, uid: int, at: dt.datetime, text: str) -> Message:
    """A mail as the mailbox brings it."""
    raw = text.encode()
    crm.take_mail(
        mailbox_id=mailbox_id,
        lease_no=lease_no,
        uid_validity=1,
        uid=uid,
        size=len(raw),
        mail=reading.read(raw),
        now=at,
    )
    return Message.objects.get(message_id=f"<demo-{uid}@customer.example>")
