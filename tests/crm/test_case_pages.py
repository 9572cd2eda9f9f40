"""Pages of cases and activities: opened from an order in one click, answered, closed; done with the next one."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import services as crm
from crm.models import Activity, Case, Message
from masterdata.models import Partner, User
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop


def test_a_case_is_opened_from_the_order_about_a_line(sara: Client, shop: Workshop) -> None:
    order = confirmed(shop, 2, now=timezone.now())
    page = sara.get(reverse("erp:order", args=[order.pk])).content.decode()
    url = f"{reverse('crm:case_create')}?order={order.pk}"
    assert url in page
    line = order.lines.get()
    form = sara.get(f"{url}&line={line.pk}").content.decode()
    assert f'<option value="{line.pk}" selected>' in form
    given = {
        "company": shop.company.pk,
        "order_line": line.pk,
        "subject": "Scratched",
        "topic": "damage",
        "urgency": "3",
        "owner": "",
    }
    answer = sara.post(url, given)
    case = Case.objects.get()
    assert answer["Location"] == reverse("crm:case", args=[case.pk])
    assert (case.order, case.order_line, case.urgency) == (order, line, 3)
    assert "Scratched" in sara.get(reverse("crm:order_cases", args=[order.pk])).content.decode()
    told = sara.get(reverse("erp:order", args=[order.pk])).content.decode()
    assert f"Case {case.number} opened" in told


def test_a_case_is_taken_answered_and_closed(sara: Client, shop: Workshop) -> None:
    Partner.objects.filter(pk=shop.customer.pk).update(email="info@nordhaus.example")
    case = crm.open_case(
        subject="Which oil?", customer_id=shop.customer.pk, company_id=shop.company.pk, now=timezone.now()
    )
    sara.post(reverse("crm:case_take", args=[case.pk]), {"version": "1"})
    case.refresh_from_db()
    assert case.owner == User.objects.get(username="sara")
    form = sara.get(reverse("crm:case_answer", args=[case.pk])).content.decode()
    assert "info@nordhaus.example" in form
    said = {"kind": "mail", "to": "info@nordhaus.example", "body": "Linseed oil.", "version": "2"}
    sara.post(reverse("crm:case_answer", args=[case.pk]), said)
    case.refresh_from_db()
    message = Message.objects.get()
    assert (case.state, message.case, message.state) == ("answered", case, "queued")
    assert "Linseed oil." in sara.get(reverse("crm:case", args=[case.pk])).content.decode()
    version = str(case.version)
    stale = sara.post(reverse("crm:case_close", args=[case.pk]), {"outcome": "solved", "version": "1"})
    assert stale.status_code == 409
    sara.post(reverse("crm:case_close", args=[case.pk]), {"outcome": "solved", "note": "", "version": version})
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")


def test_an_answer_by_mail_needs_an_address_a_call_does_not(sara: Client, shop: Workshop) -> None:
    case = crm.open_case(subject="Late?", customer_id=shop.customer.pk, company_id=shop.company.pk, now=timezone.now())
    url = reverse("crm:case_answer", args=[case.pk])
    assert "Give the address" in sara.post(url, {"kind": "mail", "to": "", "body": "No."}).content.decode()
    sara.post(url, {"kind": "call", "to": "", "body": "Told her so."})
    case.refresh_from_db()
    assert (case.state, Message.objects.get().kind) == ("answered", "call")


def test_an_activity_is_planned_shown_and_done_with_the_next_one(sara: Client, shop: Workshop) -> None:
    url = f"{reverse('crm:activity_create')}?customer={shop.customer.pk}"
    sara_id = User.objects.get(username="sara").pk
    given = {"kind": "call", "subject": "Ask for the drawing", "due_on": "2026-01-05", "owner": sara_id}
    answer = sara.post(url, given)
    assert answer["Location"] == reverse("crm:customer", args=[shop.customer.pk])
    row = Activity.objects.get()
    assert row.is_whole_day
    page = sara.get(reverse("crm:my_activities")).content.decode()
    assert "Overdue" in page
    assert "Ask for the drawing" in page
    finish = reverse("crm:activity_finish", args=[row.pk])
    half = sara.post(finish, {"outcome": "Sent", "subject": "Offer", "kind": "mail", "owner": sara_id})
    assert "Say until when." in half.content.decode()
    done = {"outcome": "Sent", "subject": "Offer", "kind": "mail", "due_on": "2027-01-05", "due_time": "09:30"}
    sara.post(finish, done | {"owner": str(sara_id)})
    row.refresh_from_db()
    coming = Activity.objects.get(done_at__isnull=True)
    assert (row.outcome, coming.subject, coming.is_whole_day) == ("Sent", "Offer", False)


def test_a_reminder_rings_the_bell_until_it_is_seen(sara: Client, shop: Workshop) -> None:
    now, sara_id = timezone.now(), User.objects.get(username="sara").pk
    call = crm.ActivityInput(kind="call", subject="Ring me", due_at=now, remind_at=now, owner_id=sara_id)
    about = crm.About(customer_id=shop.customer.pk, company_id=shop.company.pk)
    crm.plan_activity(about=about, activity=call, now=now)
    assert "Ring me" not in sara.get(reverse("crm:bell")).content.decode()
    crm.ring_reminders(now=now)
    rung = sara.get(reverse("crm:bell")).content.decode()
    assert '<span class="n">1</span>' in rung
    assert "Ring me" in rung
    seen = sara.post(reverse("crm:bell")).content.decode()
    assert 'class="n"' not in seen
