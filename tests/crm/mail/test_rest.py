"""Messages over REST: queued with a file, held and released, logged, assigned, templates, rights."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable

import pytest

from crm import services as crm
from crm.mail import reading
from crm.models import Message
from masterdata.models import Partner
from tests.api.conftest import NOW, Caller, World, caller, world
from tests.crm.mail.servers import mail

__all__ = ["caller", "world"]


@pytest.fixture
def sales(caller: Callable[..., Caller], world: World) -> Caller:
    return caller("sales")


def body(world: World, **change: object) -> dict[str, object]:
    given = {"customer": world.partner.pk, "to": ["ute@nordhaus.example"], "subject": "Hello", "body": "Words."}
    return given | change


def test_a_mail_is_queued_with_a_file_and_read_again(sales: Caller, world: World) -> None:
    file = {"name": "a.txt", "content_type": "text/plain", "content": base64.b64encode(b"oak").decode()}
    made = sales.post("crm/messages/", body(world, attachments=[file]))
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["state"], row["to_addresses"], row["attachments"][0]["size"]) == ("queued", ["ute@nordhaus.example"], 3)
    content = sales.get(f"crm/message-attachments/{row['attachments'][0]['id']}/content/").json()
    assert base64.b64decode(content["content"]) == b"oak"
    found = sales.get("crm/messages/", customer=world.partner.pk, state="queued").json()
    assert [one["id"] for one in found["results"]] == [row["id"]]


def test_sent_twice_under_one_key_it_is_one_mail(sales: Caller, world: World) -> None:
    first, second = (sales.post("crm/messages/", body(world), key="once") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"to": ["nobody"]}, "to"), ({"body": " "}, "body"), ({"colour": "red"}, "colour"),
     ({"attachments": [{"name": "a", "content": "%%"}]}, "attachments.0.content")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_at_its_field(
    sales: Caller, world: World, change: dict[str, object], field: str
) -> None:
    answer = sales.post("crm/messages/", body(world, **change))
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_held_mail_is_rewritten_and_released_or_discarded(sales: Caller, world: World) -> None:
    first, second = (sales.post("crm/messages/", body(world, hold=True)).json()["id"] for _ in range(2))
    words = {"to": ["b@x.example"], "subject": "Better", "body": "Better."}
    assert sales.post(f"crm/messages/{first}/rewrite/", words).json()["subject"] == "Better"
    assert sales.post(f"crm/messages/{first}/release/").json()["state"] == "queued"
    assert sales.post(f"crm/messages/{second}/discard/").json()["state"] == "discarded"
    refused = sales.post(f"crm/messages/{second}/release/")
    assert (refused.status_code, refused.json()["code"]) == (409, "message_not_held")
    assert sales.post(f"crm/messages/{first}/retry/").json()["code"] == "nothing_to_retry"


def test_a_call_is_logged(sales: Caller, world: World) -> None:
    call = {"customer": world.partner.pk, "kind": "call", "direction": "in", "body": "Asked.", "minutes": 5}
    made = sales.post("crm/messages/log/", call)
    assert made.status_code == 201, made.content
    assert (made.json()["state"], made.json()["minutes"]) == ("noted", 5)


def test_mail_of_a_stranger_is_assigned_and_handled(sales: Caller, world: World) -> None:
    now = NOW + dt.timedelta(hours=1)
    box = crm.claim_mailbox(name="box", company_code="OUR", now=now)
    assert box is not None
    read = reading.read(mail(message_id="<1@x.example>").as_bytes())
    ids = {"mailbox_id": box.pk, "lease_no": box.lease_no, "uid_validity": 7}
    crm.take_mail(**ids, uid=1, size=10, mail=read, now=now)
    crm.quarantine_mail(**ids, uid=2, size=3, raw=b"???", error="It names no sender.", now=now)
    pk = sales.get("crm/messages/", state="received").json()["results"][0]["id"]
    given = {"customer": world.partner.pk, "make_contact": True, "contact_name": "Ute"}
    assert sales.post(f"crm/messages/{pk}/assign/", given).json()["customer"] == world.partner.pk
    assert Partner.objects.get(pk=world.partner.pk).contacts.get().name == "Ute"
    assert sales.post(f"crm/messages/{pk}/handle/").json()["handled_at"] is not None
    assert sales.post(f"crm/messages/{pk}/reopen/").json()["handled_at"] is None
    assert sales.get("crm/mailboxes/").json()["results"][0]["quarantined"] == 1
    found = sales.get("crm/incoming-mail/", outcome="quarantined").json()["results"]
    assert [one["error"] for one in found] == ["It names no sender."]


def test_an_answer_in_a_case_goes_to_who_wrote_last_when_the_customer_has_no_address(
    sales: Caller, world: World
) -> None:
    """A contact or the customer's own address comes first; what a machine wrote says nothing."""
    given = {"subject": "Which oil?", "customer": world.partner.pk, "company": world.ours.company.pk}
    case = sales.post("crm/cases/", given).json()
    reply = f"crm/cases/{case['id']}/reply/"
    refused = sales.post(reply, {"body": "Linseed oil."})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "to")
    written = {"kind": "mail", "direction": "in", "state": "received", "made_at": NOW, "sent_at": NOW}
    about = {
        "company_id": world.ours.company.pk,
        "customer_id": world.partner.pk,
        "case_id": case["id"],
        "body": "Which?",
    }
    for number, (who, is_automatic) in enumerate(
        (("old@n.example", False), ("ute@n.example", False), ("no@n.example", True))
    ):
        Message.objects.create(
            **written, **about, from_address=who, is_automatic=is_automatic, message_id=f"<{number}@n.example>"
        )
    for body_text, expected in (("To who wrote.", "ute@n.example"), ("To us all.", "buying@n.example")):
        assert sales.post(reply, {"body": body_text}).status_code == 200
        assert Message.objects.latest("pk").to_addresses == [expected]
        Partner.objects.filter(pk=world.partner.pk).update(email="buying@n.example")
    assert sales.post(reply, {"body": "To one.", "to": "max@n.example"}).status_code == 200
    assert Message.objects.latest("pk").to_addresses == ["max@n.example"]


def test_templates_are_written_and_changed_with_their_version(caller: Callable[..., Caller], world: World) -> None:
    lead = caller("sales_lead")
    words = {
        "code": "hello",
        "name": "Hello",
        "purpose": "customer",
        "language": "en",
        "subject": "Hi",
        "body": "{today}",
    }
    made = lead.post("crm/message-templates/", words)
    assert made.status_code == 201, made.content
    path = f"crm/message-templates/{made.json()['id']}/"
    assert lead.patch(path, {"subject": "Ho"}).status_code == 428
    changed = lead.patch(path, {"subject": "Ho"}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["subject"], changed.json()["body"]) == (200, "Ho", "{today}")
    assert lead.patch(path, {"subject": "Hu"}, **{"If-Match": '"1"'}).status_code == 412
    wrong = lead.patch(path, {"body": "{order.number}"}, **{"If-Match": '"2"'})
    assert (wrong.status_code, wrong.json()["values"]["placeholder"]) == (400, "order.number")


def test_who_may_only_look_changes_nothing(caller: Callable[..., Caller], world: World) -> None:
    planner, sales = caller("planner"), caller("sales")
    pk = sales.post("crm/messages/", body(world, hold=True)).json()["id"]
    assert planner.get(f"crm/messages/{pk}/").status_code == 200
    assert planner.post(f"crm/messages/{pk}/release/").status_code == 403
    assert planner.post("crm/messages/", body(world)).status_code == 403
    words = {"code": "a", "name": "A", "purpose": "customer", "language": "en", "subject": "s", "body": "b"}
    assert sales.post("crm/message-templates/", words).status_code == 403


def test_another_company_sees_nothing(caller: Callable[..., Caller], world: World) -> None:
    from tests.api.conftest import make_caller

    pk = caller("sales").post("crm/messages/", body(world)).json()["id"]
    stranger = make_caller(world.theirs.company, "sales")
    assert stranger.get(f"crm/messages/{pk}/").status_code == 404
    assert stranger.post(f"crm/messages/{pk}/retry/").status_code == 404
    assert stranger.get("crm/messages/").json()["results"] == []
