"""Quality in the demo factory: every page has something to show, and every link of it opens."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from masterdata.models import User
from mes.models import CheckPlan, CheckResult, NonConformance, QualityHold

PAGES = (
    "quality", "holds", "check_plans", "check_results", "spc", "gauges", "nonconformances", "raise", "poor_quality",
    "supplier_quality",
)  # fmt: skip


def quality_is_alive(client: Client) -> None:
    """What a quality inspector finds in it."""
    assert set(CheckPlan.objects.values_list("state", flat=True)) == {"active", "draft"}
    assert CheckResult.objects.count() > 100
    assert QualityHold.objects.filter(released_at=None).count() == 1
    assert {"process", "customer"} <= set(NonConformance.objects.values_list("kind", flat=True))
    client.force_login(User.objects.get(username="quentin"))
    for name in PAGES:
        assert client.get(reverse(f"mes:{name}")).status_code == 200, name
    for model, name in (
        (NonConformance, "nonconformance"), (CheckPlan, "check_plan"), (CheckResult, "check_result"),
    ):  # fmt: skip
        for pk in model.objects.values_list("pk", flat=True)[:5]:
            assert client.get(reverse(f"mes:{name}", args=[pk])).status_code == 200, name
