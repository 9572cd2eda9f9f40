"""Pages of messages: written from a quotation with its PDF, answered, logged, assigned, reviewed, sent again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm import services as crm
from crm.mail import reading
from crm.models import Message, Quotation
from masterdata.models import Contact, User
from tests.crm.desk import typed, write
from tests.crm.mail.servers import mail
from tests.crm.mail.test_messages import queue
from tests.crm.orders import NOW, confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def came_in(shop: Workshop, text: str = "Where is it?", **heads: str) -> Message:
    """A mail as the mailbox brings it."""
    box = crm.claim_mailbox(name="box", company_code="", now=NOW)
    assert box is not None
    number = Message.objects.count() + 1
    crm.take_mail(
        mailbox_id=box.pk,
        lease_no=box.lease_no,
        uid_validity=1,
        uid=number,
        size=100,
        mail=reading.read(mail(text, message_id=f"<{number}@x.example>", **heads).as_bytes()),
        now=NOW,
    )
    crm.leave_mailbox(mailbox_id=box.pk, lease_no=box.lease_no, now=NOW)
    return Message.objects.get(message_id=f"<{number}@x.example>")


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"crm:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def quotation(client: Client, shop: Workshop) -> Quotation:
    assert write(client, typed()).status_code == 302
    return Quotation.objects.get()


def test_a_mail_is_written_from_a_quotation_with_its_pdf_and_a_file(sara: Client, shop: Workshop) -> None:
    shop.company.email = "sales@c1.example"
    shop.company.save()
    offer = quotation(sara, shop)
    Contact.objects.create(partner=offer.customer, name="Ute", email="ute@nordhaus.example")
    form = page(sara, "message_write", quotation=offer.pk)
    assert 'value="ute@nordhaus.example"' in form
    assert "No mail server is set up" in form
    drawing = SimpleUploadedFile("drawing.txt", b"oak", content_type="text/plain")
    given = {"to": "ute@nordhaus.example", "subject": "Our offer", "body": "Here it is.", "with_pdf": "on"}
    answer = sara.post(reverse("crm:message_write") + f"?quotation={offer.pk}", given | {"attached": drawing})
    message = Message.objects.get()
    assert answer["Location"] == reverse("crm:message", args=[message.pk])
    assert (message.state, message.quotation, message.customer) == ("queued", offer, offer.customer)
    assert message.made_by is not None
    first, second = message.attachments.all()
    assert bytes(first.content).startswith(b"%PDF")
    assert (second.name, bytes(second.content)) == ("drawing.txt", b"oak")
    shown = page(sara, "message", message.pk)
    assert "Here it is." in shown
    assert offer.number in shown


def test_a_wrong_address_is_said_at_its_field_and_what_was_typed_is_kept(sara: Client, shop: Workshop) -> None:
    url = reverse("crm:message_write") + f"?customer={shop.customer.pk}"
    answer = sara.post(url, {"to": "nobody", "subject": "Hello", "body": "Words of mine."})
    assert answer.status_code == 422
    assert "nobody is no mail address." in answer.content.decode()
    assert "Words of mine." in answer.content.decode()


def test_without_a_document_the_customer_is_chosen(sara: Client, shop: Workshop) -> None:
    url = reverse("crm:message_write")
    given = {"customer": "Nordhaus · NORD", "to": "a@x.example", "subject": "Hi", "body": "Hello", "hold": "on"}
    assert sara.post(url, given).status_code == 302
    assert Message.objects.get().state == "held"


def test_an_answer_handles_what_it_answers_and_stands_in_the_conversation(sara: Client, shop: Workshop) -> None:
    Contact.objects.create(partner=shop.customer, name="Ute", email="ute@nordhaus.example")
    asked = came_in(shop, "Where is it?\n\nOn Mon, Sara wrote:\n> Soon.", subject="Stools")
    form = page(sara, "message_write", answers=asked.pk)
    assert 'value="Re: Stools"' in form
    url = reverse("crm:message_write") + f"?answers={asked.pk}"
    sara.post(url, {"to": asked.from_address, "subject": "Re: Stools", "body": "On Friday."})
    asked.refresh_from_db()
    answer = Message.objects.get(direction="out")
    assert asked.handled_at is not None
    assert (answer.thread_key, answer.answers) == (asked.pk, asked)
    shown = page(sara, "message", answer.pk)
    assert shown.index("Where is it?") < shown.index("On Friday.")
    assert "What it repeats" in shown


def test_markup_of_strangers_is_only_words(sara: Client, shop: Workshop) -> None:
    asked = came_in(shop, "<script>alert(1)</script>", subject="<b>x</b>")
    shown = page(sara, "message", asked.pk) + page(sara, "messages")
    assert "<script>alert(1)" not in shown
    assert "<b>x</b>" not in shown


def test_a_stranger_is_assigned_and_kept_as_a_contact(sara: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    asked = came_in(shop)
    assert "Nobody knows the sender" in page(sara, "messages", unmatched=1)
    given = {
        "customer": shop.customer.code,
        "document": order.number,
        "make_contact": "on",
        "contact_name": "Ute Ahrens",
    }
    wrong = sara.post(reverse("crm:message_assign", args=[asked.pk]), given | {"document": "SO-NONE"})
    assert "There is no quotation, order or case SO-NONE." in wrong.content.decode()
    assert sara.post(reverse("crm:message_assign", args=[asked.pk]), given).status_code == 302
    asked.refresh_from_db()
    assert (asked.customer, asked.order) == (shop.customer, order)
    assert Contact.objects.get().name == "Ute Ahrens"


def test_a_call_is_logged_in_two_fields_on_the_orders_page(sara: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    panel = page(sara, "message_panel", order=order.pk)
    assert "Nothing has been said yet" in panel
    url = reverse("crm:message_log") + f"?order={order.pk}"
    assert sara.post(url, {"kind": "call-in", "body": "Asked for Friday.", "stay": "1"}).status_code == 302
    assert "Asked for Friday." in page(sara, "message_panel", order=order.pk)
    message = Message.objects.get()
    assert (message.kind, message.direction, message.order) == ("call", "in", order)
    shown = sara.get(reverse("erp:order", args=[order.pk]) + "?tab=messages").content.decode()
    assert reverse("crm:message_panel") + f"?order={order.pk}" in shown
    assert "Call logged" in shown


def test_the_customers_and_the_quotations_pages_fetch_the_panel(sara: Client, shop: Workshop) -> None:
    offer = quotation(sara, shop)
    panel = reverse("crm:message_panel")
    assert f"{panel}?quotation={offer.pk}" in page(sara, "quotation", offer.pk)
    assert f"{panel}?customer={offer.customer_id}" in page(sara, "customer", offer.customer_id)


@pytest.mark.parametrize("query", ["", "?order=0", "?order=x", "?customer=99999999999999999999"])
def test_a_panel_about_nothing_is_missing(sara: Client, shop: Workshop, query: str) -> None:
    assert sara.get(reverse("crm:message_panel") + query).status_code == 404


def test_held_mail_is_changed_and_sent_or_discarded(sara: Client, shop: Workshop) -> None:
    first, second = queue(shop, hold=True), queue(shop, hold=True)
    given = {"to": "c@x.example", "cc": "", "subject": "Better", "body": "Better words."}
    sara.post(reverse("crm:message_rewrite", args=[first.pk]), given)
    sara.post(reverse("crm:message_release", args=[first.pk]))
    sara.post(reverse("crm:message_discard", args=[second.pk]))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.subject, second.state) == ("queued", "Better", "discarded")
    refused = sara.post(reverse("crm:message_discard", args=[first.pk]), follow=True)
    assert "Only a message held for review can be discarded" in refused.content.decode()


def test_what_failed_says_why_and_is_sent_again(sara: Client, shop: Workshop) -> None:
    message = queue(shop)
    Message.objects.filter(pk=message.pk).update(state="failed", attempts=1, error="550 No such user")
    shown = page(sara, "message", message.pk)
    assert "550 No such user" in shown
    assert "Send again" in shown
    sara.post(reverse("crm:message_retry", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == "queued"


def test_what_the_server_refused_rings_until_it_is_written_anew(sara: Client, shop: Workshop) -> None:
    """A wrong address is no mail that is sent again: its words go to another one, and the old one is done with."""
    writer = User.objects.get(username="sara")
    message = queue(shop, by=writer, subject="Your order", body="It is ready.", to="gone@nordhaus.example")
    (taken,) = crm.claim_mail(now=NOW, most=1)
    crm.mark_failed(message_id=taken.pk, lease_no=taken.lease_no, now=NOW, error="550 No such user", is_final=True)
    assert "Your order" in page(sara, "bell")
    assert "Did not arrive" in page(sara, "bell")
    assert "Your order" in page(sara, "messages", undelivered="1")
    assert "Write anew" in page(sara, "message", message.pk)
    form = page(sara, "message_write", answers=message.pk)
    assert 'value="gone@nordhaus.example"' in form
    assert 'value="Your order"' in form
    assert "It is ready." in form
    given = {"to": "ute@nordhaus.example", "subject": "Your order", "body": "It is ready."}
    sara.post(reverse("crm:message_write") + f"?answers={message.pk}", given)
    message.refresh_from_db()
    assert (message.state, message.handled_by) == ("failed", writer)
    assert Message.objects.get(answers=message).to_addresses == ["ute@nordhaus.example"]
    assert "Your order" not in page(sara, "bell")
    assert "Your order" not in page(sara, "messages", undelivered="1")


def test_mail_is_handled_and_taken_up_again(sara: Client, shop: Workshop) -> None:
    asked = came_in(shop)
    sara.post(reverse("crm:message_handle", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.handled_by is not None
    sara.post(reverse("crm:message_reopen", args=[asked.pk]))
    asked.refresh_from_db()
    assert (asked.handled_at, asked.handled_by) == (None, None)


def test_a_strangers_file_is_saved_and_never_shown(sara: Client, shop: Workshop) -> None:
    message = queue(shop, attachments=[("x.html", "text/html", b"<script>")])
    file = message.attachments.get()
    answer = sara.get(reverse("crm:message_file", args=[message.pk, file.pk]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    other = queue(shop)
    assert sara.get(reverse("crm:message_file", args=[other.pk, file.pk])).status_code == 404


def test_views_count_what_waits(sara: Client, shop: Workshop) -> None:
    queue(shop)
    queue(shop, hold=True)
    came_in(shop)
    shown = page(sara, "messages")
    assert shown.count('<span class="count') == 6
    assert len(sara.get(reverse("crm:messages"), {"export": "csv"}).content.decode("utf-8-sig").splitlines()) == 4
    assert "Your order" in page(sara, "messages", state="held")


def test_messages_of_another_company_are_missing(client: Client, shop: Workshop, db: None) -> None:
    from masterdata.models import Company, Plant

    message = queue(shop)
    elsewhere = Company.objects.create(code="C9", name="Elsewhere", currency=shop.company.currency)
    plant = Plant.objects.create(company=elsewhere, code="P9", name="Far", calendar=shop.plant.calendar)
    client.force_login(person("olaf", "sales", plant))
    assert client.get(reverse("crm:message", args=[message.pk])).status_code == 404
    assert client.post(reverse("crm:message_retry", args=[message.pk])).status_code == 404


def test_who_may_only_look_writes_nothing(client: Client, shop: Workshop) -> None:
    message = queue(shop, hold=True)
    client.force_login(person("pia", "planner", shop.plant))
    assert client.get(reverse("crm:message", args=[message.pk])).status_code == 200
    assert client.get(reverse("crm:message_write")).status_code == 403
    assert client.post(reverse("crm:message_release", args=[message.pk])).status_code == 403
    assert client.get(reverse("crm:message_templates")).status_code == 403


def test_an_answer_rings_the_bell_of_who_wrote_until_it_is_handled(client: Client, shop: Workshop) -> None:
    sara = person("sara", "sales", shop.plant)
    client.force_login(sara)
    ours = queue(shop, by=sara)
    answer = came_in(shop, "Gladly.", subject="Re: Stools", in_reply_to=ours.message_id)
    assert "Re: Stools" in page(client, "bell")
    client.force_login(person("olga", "sales", shop.plant))
    assert "Re: Stools" not in page(client, "bell")
    crm.mark_handled(message_id=answer.pk, by=sara, now=NOW)
    client.force_login(sara)
    assert "Re: Stools" not in page(client, "bell")
