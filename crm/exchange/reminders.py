"""Reminders of activities as mail to their own owner: each once; what the server does not take is tried again."""

from __future__ import annotations

import zoneinfo
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog
from django.utils import timezone

from crm import services
from crm.exchange.sending import NOT_SENT, connected
from crm.mail import servers
from crm.models import Activity
from masterdata import shown
from masterdata.models import Plant

log = structlog.get_logger(__name__)


def send_reminders() -> int:
    """Tell the owners of what has rung; how many were told. Without a mail server nobody is, the bell has rung."""
    server = servers.outgoing()
    if server is None:
        return 0
    left = services.claim_reminder_mails(now=timezone.now())
    if not left:
        return 0
    count = len(left)
    try:
        with connected(server) as smtp:
            while left:
                mail = reminder_mail(left[0])
                smtp.sendmail(str(mail["From"]), [left[0].owner.email], mail.as_bytes())
                left.pop(0)
    except NOT_SENT as error:
        services.give_back_reminder_mails(activity_ids=[row.pk for row in left])
        log.warning("reminders_not_sent", left=len(left), error=str(error))
    return count - len(left)


def reminder_mail(row: Activity) -> EmailMessage:
    """What it says; sent again after a lost answer it is the same mail, by its id."""
    about = str(row.customer or row.lead or "")
    rung_at = row.rung_at or timezone.now()
    zone = Plant.objects.filter(company=row.company_id).order_by("pk").values_list("time_zone", flat=True).first()
    with timezone.override(zoneinfo.ZoneInfo(zone or "UTC")):
        due = shown.day(row.shown_at) if row.is_whole_day else shown.when(row.due_at)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=78, cte_type="7bit"))
    mail["From"] = servers.from_address(row.company.email)
    mail["To"] = row.owner.email
    mail["Subject"] = f"Reminder: {row.subject}".replace("\n", " ")
    mail["Date"] = format_datetime(rung_at)
    mail["Message-ID"] = f"<reminder-{row.pk}-{int(rung_at.timestamp())}@{servers.domain()}>"
    mail["Auto-Submitted"] = "auto-generated"
    note = f"\n\n{row.note}" if row.note else ""
    mail.set_content(f"{row.get_kind_display()}: {row.subject}\n{about}\nDue: {due}{note}\n", charset="utf-8")
    return mail
