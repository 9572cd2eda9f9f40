"""Notices: what a customer is told about moved promises, by which rule, and whether it was sent and read."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.models.prices import CustomerGroup
from crm.models.promises import Promise
from erp.models import SalesOrder, SalesOrderLine
from masterdata.models import Company, FactRecord, Partner, User
from masterdata.models.languages import DEFAULT, Language

WAITING = ("drafted", "held")
"""States in which a notice is rewritten when its promises move again."""


class Tone(models.TextChoices):
    FORMAL = "formal", "Formal"
    FRIENDLY = "friendly", "Friendly"


class PromisePolicy(models.Model):
    """How a company treats moves of its promises: what is noise, how long a notice settles, what is worth offering.

    A company without a row has the defaults.
    """

    class MachineWords(models.TextChoices):
        NONE = "none", "Only that a machine is down"
        KIND = "kind", "The kind of machine"
        CODE = "code", "The machine by its number"

    company = models.OneToOneField(Company, models.PROTECT, related_name="promise_policy")
    is_same_day_noise = models.BooleanField(
        default=True, help_text="A move that stays on the day that the customer knows is not told"
    )
    noise_min = models.PositiveIntegerField(
        default=60, help_text="Minutes: to customers with hours, less than this is not told"
    )
    settle_min = models.PositiveIntegerField(default=10, help_text="Minutes that a notice waits for the next plan")
    earlier_days = models.PositiveIntegerField(default=1, help_text="Days that a date must be earlier to be offered")
    machine_words = models.CharField(max_length=4, choices=MachineWords, default=MachineWords.KIND)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company"]
        verbose_name_plural = "promise policies"
        constraints = [
            models.CheckConstraint(
                name="promise_policy_within_reason",
                condition=Q(noise_min__gte=15, noise_min__lte=10080)
                & Q(settle_min__lte=1440)
                & Q(earlier_days__gte=1, earlier_days__lte=60),
            )
        ]

    def __str__(self) -> str:
        return f"Promise policy of {self.company_id}"


class NoticeWish(models.Model):
    """How a customer wants to be told: tone, to the hour or the day, and where. Without a row: formal, to the day."""

    customer = models.OneToOneField(Partner, models.PROTECT, related_name="notice_wish")
    tone = models.CharField(max_length=8, choices=Tone, default=Tone.FORMAL)
    has_hours = models.BooleanField(default=False, help_text="Takes deliveries by the hour: hours are told, not days")
    email = models.EmailField(blank=True, help_text="Instead of the customer's own")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["customer"]
        verbose_name_plural = "notice wishes"

    def __str__(self) -> str:
        return f"Notices to {self.customer_id}"


class NoticeRule(models.Model):
    """What is done with a notice: the first rule by rank that fits decides. Empty conditions fit everything.

    `days_from` to `days_to`: by how many days of the plant the worst line moved from the day that the customer knows.
    """

    class Action(models.TextChoices):
        SEND = "send", "Send by itself"
        HOLD = "hold", "Hold for review"
        SKIP = "skip", "Do not send"

    class Approver(models.TextChoices):
        WRITER = "writer", "Whoever writes quotations"
        LEAD = "lead", "Whoever approves notices"

    company = models.ForeignKey(Company, models.PROTECT, related_name="notice_rules")
    rank = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Promise.Reason, blank=True)
    days_from = models.PositiveIntegerField(default=0)
    days_to = models.PositiveIntegerField(null=True, blank=True)
    customer = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    group = models.ForeignKey(CustomerGroup, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, choices=Language, blank=True)
    tone = models.CharField(max_length=8, choices=Tone, blank=True, help_text="Empty: as the customer wishes")
    action = models.CharField(max_length=4, choices=Action)
    approver = models.CharField(max_length=6, choices=Approver, default=Approver.WRITER)
    subject = models.CharField(max_length=160, blank=True, help_text="Empty: the usual words")
    body = models.TextField(max_length=4000, blank=True, help_text="Empty: the usual words")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company", "rank", "id"]
        constraints = [
            models.UniqueConstraint(name="notice_rule_rank_unique", fields=["company", "rank"]),
            models.CheckConstraint(
                name="notice_rule_days_rise", condition=Q(days_to__isnull=True) | Q(days_to__gte=F("days_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}: {self.get_action_display()}"


class Notice(models.Model):
    """What the customer of an order is told about its moved promises: one that waits for each order, never two.

    Drafted: settles until `settles_at`, and is rewritten when the promise moves again. Held: somebody has to look at
    it. Queued: the outbox has it, its words stand. `read_at`: the customer opened the link in it.
    """

    class State(models.TextChoices):
        DRAFTED = "drafted", "Settles"
        HELD = "held", "Held for review"
        QUEUED = "queued", "Given to the post"
        DISCARDED = "discarded", "Not sent"

    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="notices")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="notices")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFTED)
    reason = models.CharField(max_length=10, choices=Promise.Reason)
    days_late = models.PositiveIntegerField(default=0, help_text="Days that the worst line moved")
    language = models.CharField(max_length=8, choices=Language, default=DEFAULT)
    tone = models.CharField(max_length=8, choices=Tone, default=Tone.FORMAL)
    rule = models.ForeignKey(NoticeRule, models.SET_NULL, null=True, blank=True, related_name="+")
    approver = models.CharField(max_length=6, choices=NoticeRule.Approver, default=NoticeRule.Approver.WRITER)
    is_correction = models.BooleanField(default=False, help_text="Of what was told about the same cause before")
    subject = models.CharField(max_length=160)
    body = models.TextField()
    is_edited = models.BooleanField(default=False, help_text="Somebody wrote its words")
    held_why = models.CharField(max_length=200, blank=True)
    discarded_why = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    settles_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, help_text="Of the link in it; the token is kept nowhere")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="notice_to_send", fields=["settles_at"], condition=Q(state="drafted"))]
        constraints = [
            models.UniqueConstraint(
                name="one_notice_waits_for_each_order", fields=["order"], condition=Q(state__in=WAITING)
            ),
            models.UniqueConstraint(name="notice_token_unique", fields=["token_hash"], condition=~Q(token_hash="")),
            models.CheckConstraint(
                name="drafted_notice_settles", condition=~Q(state="drafted") | Q(settles_at__isnull=False)
            ),
            models.CheckConstraint(
                name="queued_notice_says_when",
                condition=Q(state="queued", queued_at__isnull=False)
                | (~Q(state="queued") & Q(queued_at__isnull=True, read_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="discarded_notice_says_why", condition=~Q(state="discarded") | ~Q(discarded_why="")
            ),
            models.CheckConstraint(name="held_notice_says_why", condition=~Q(state="held") | ~Q(held_why="")),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="what_was_told_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("subject", "body", "order", "customer", "language"),
                func="""
                    IF OLD.state IN ('queued', 'discarded') THEN
                        RAISE EXCEPTION 'what was told stands' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="notices_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING


class NoticeLine(models.Model):
    """A line that a notice is about: from the version that the customer knew (`before`) to `promise`."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="+")
    before = models.ForeignKey(Promise, models.PROTECT, related_name="+")
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="notice_lines")

    class Meta:
        ordering = ["notice", "id"]
        constraints = [models.UniqueConstraint(name="notice_names_a_line_once", fields=["notice", "order_line"])]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.order_line_id}"


class NoticeCause(models.Model):
    """A fact that an order's notice tells of. Told once of each: what comes after it is a correction."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="causes")
    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="+")
    fact = models.ForeignKey(FactRecord, models.PROTECT, related_name="+")
    is_correction = models.BooleanField(default=False)

    class Meta:
        ordering = ["notice", "id"]
        constraints = [
            models.UniqueConstraint(name="cause_named_once_in_a_notice", fields=["notice", "fact"]),
            models.UniqueConstraint(
                name="one_notice_for_each_cause", fields=["order", "fact"], condition=Q(is_correction=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.fact_id}"
