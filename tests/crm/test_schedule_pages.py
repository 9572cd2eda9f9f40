"""One click at the pages: accept and schedule, schedule an order that no plan has, undo; and the same over REST."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps.models import PlannedOperation
from crm import services as crm
from crm.models import Quotation
from erp.models import SalesOrder, WorkOrderOperation
from tests.crm.desk import offer, sealed, settle, typed, write
from tests.flows.workshop import Workshop


def quoted(client: Client) -> Quotation:
    line = typed()
    line["lines-n1-offer"] = sealed(offer(client, line))
    assert write(client, line).status_code == 302
    return Quotation.objects.latest("pk")


def page(client: Client, name: str, pk: int) -> str:
    return client.get(reverse(name, args=[pk])).content.decode()


def is_planned(order: SalesOrder) -> bool:
    return PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order).exists()


def test_one_click_goes_to_the_order_that_stands_in_the_plan(sara: Client, busy: Workshop) -> None:
    quotation = quoted(sara)
    address = reverse("suite:quotation_schedule", args=[quotation.pk])
    assert f'action="{address}"' in page(sara, "crm:quotation", quotation.pk)
    answer = sara.post(address, {"version": quotation.version}, follow=True)
    text = answer.content.decode()
    order = SalesOrder.objects.get(quotation=quotation)
    assert answer.redirect_chain[-1][0] == reverse("erp:order", args=[order.pk])
    assert f"Accepted as order {order.number}. It stands in the plan, and nobody else moved." in text
    assert "Next: Assemble at ASM-01" in text
    assert "Scheduled at once, nobody else moved" in text
    assert is_planned(order)


def test_undo_stands_on_the_orders_page_until_something_begins(sara: Client, busy: Workshop) -> None:
    quotation = quoted(sara)
    sara.post(reverse("suite:quotation_schedule", args=[quotation.pk]))
    order = SalesOrder.objects.get(quotation=quotation)
    address = reverse("suite:order_undo", args=[order.pk])
    assert f'action="{address}"' in page(sara, "erp:order", order.pk)
    answer = sara.post(address, follow=True)
    assert f"{order.number} is off the plan and cancelled, {quotation.number} is open again" in answer.content.decode()
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("draft", None)
    assert f'action="{address}"' not in page(sara, "erp:order", order.pk)


def test_undo_after_the_first_piece_says_why_not(sara: Client, busy: Workshop) -> None:
    quotation = quoted(sara)
    sara.post(reverse("suite:quotation_schedule", args=[quotation.pk]))
    order = SalesOrder.objects.get(quotation=quotation)
    WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order).update(started_at=timezone.now())
    address = reverse("suite:order_undo", args=[order.pk])
    assert f'action="{address}"' not in page(sara, "erp:order", order.pk)
    assert "released or in work" in sara.post(address, follow=True).content.decode()


def test_an_order_that_no_plan_has_is_scheduled_from_its_page(sara: Client, busy: Workshop) -> None:
    order = crm.accept_quotation(quotation_id=quoted(sara).pk, now=timezone.now())
    address = reverse("suite:order_schedule", args=[order.pk])
    assert f'action="{address}"' in page(sara, "erp:order", order.pk)
    assert "It stands in the plan" in sara.post(address, follow=True).content.decode()
    assert is_planned(order)
    assert f'action="{address}"' not in page(sara, "erp:order", order.pk)


def test_a_quotation_that_changed_meanwhile_is_looked_at_again(sara: Client, busy: Workshop) -> None:
    quotation = quoted(sara)
    answer = sara.post(reverse("suite:quotation_schedule", args=[quotation.pk]), {"version": 99}, follow=True)
    assert "was changed meanwhile" in answer.content.decode()
    assert not SalesOrder.objects.filter(quotation=quotation).exists()


def test_the_same_over_rest(sara: Client, busy: Workshop) -> None:
    quotation = quoted(sara)

    def post(path: str, key: str) -> dict[str, object]:
        answer = sara.post(f"/api/v1/{path}", content_type="application/json", headers={"Idempotency-Key": key})
        assert answer.status_code == 200, answer.content
        told: dict[str, object] = answer.json()
        return told

    done = post(f"crm/quotations/{quotation.pk}/schedule/", "one")
    assert (done["is_placed"], done["late_lines"]) == (True, 0)
    assert post(f"crm/quotations/{quotation.pk}/schedule/", "two") == done
    [row] = sara.get("/api/v1/crm/quotation-schedulings/", {"order": done["order"]}).json()["results"]
    assert (row["quotation"], row["state_before"], row["undone_at"]) == (quotation.pk, "draft", None)
    assert post(f"erp/sales-orders/{done['order']}/undo-schedule/", "three")["undone_at"] is not None
    order = crm.accept_quotation(quotation_id=quotation.pk, now=timezone.now())
    assert post(f"erp/sales-orders/{order.pk}/schedule/", "four")["is_placed"] is True
    settle(busy)
