"""What the demo promises: how sure it is, who is told of the broken machine, by which rules."""

from __future__ import annotations

from aps import services as aps
from crm import services as crm
from crm.models import Notice
from masterdata.models import Contact, Partner, User
from suite.demo.factory import Demo

PS = {
    "en": "PS: I will call you this afternoon about the fitters.",
    "de": "PS: Ich rufe Sie heute Nachmittag wegen der Monteure an.",
    "fr": "PS : je vous appelle cet après-midi au sujet des monteurs.",
}


def observe(demo: Demo) -> None:
    """Before planning is asked again: what the history says of work and suppliers, how customers are told, what an hour
    of delay costs, and how long before it begins work stays where it is.

    They take deliveries by the hour and read which machine it was.
    """
    crm.gather_spreads(now=demo.now)
    for plant in demo.plants.values():
        aps.set_weights(plant_id=plant.pk, values={"late_hour_cost": 18, "frozen_h": 2})
    crm.found_notice_rules(company_id=demo.company.pk)
    crm.set_promise_policy(company_id=demo.company.pk, machine_words="code", noise_min=15)
    for customer in demo.customers:
        crm.set_notice_wish(customer_id=customer.pk, tone="formal", has_hours=True)


def tell(demo: Demo, users: dict[str, User]) -> None:
    """After planning has answered: of what waits to be told one goes out, one is put in other words and waits."""
    waiting = list(Notice.objects.filter(state=Notice.State.DRAFTED).select_related("customer").order_by("pk")[:2])
    now = max([demo.now, *(notice.written_at for notice in waiting)])
    if waiting:
        _reach(waiting[0].customer)
        sent = crm.approve_notice(notice_id=waiting[0].pk, now=now, by=users["sara"])
        for mail in crm.claim_mail(now=now, most=20):
            crm.mark_sent(message_id=mail.pk, lease_no=mail.lease_no, now=now)
        Notice.objects.filter(pk=sent.pk).update(read_at=now)
    for notice in waiting[1:]:
        crm.rewrite_notice(
            notice_id=notice.pk,
            subject=notice.subject,
            body=f"{notice.body}\n\n{PS.get(notice.language, PS['en'])}",
            now=now,
            by=users["sara"],
        )


def _reach(customer: Partner) -> None:
    """Somebody there has a mail address."""
    if not (customer.email or Contact.objects.filter(partner=customer).exclude(email="").exists()):
        Contact.objects.create(partner=customer, name="Ida Holm", email=f"i.holm@{customer.code.lower()}.example")
