"""The proof: every invariant of the house with its answer, asked now; of what piles up for years the newest part."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp import selectors as erp_now
from masterdata.access import requires, visible_to
from masterdata.models import Company
from suite import audit

NAMES = {
    "masterdata": _l("Master data"),
    "erp": _l("Orders, stock and money"),
    "aps": _l("Planning"),
    "mes": _l("Floor"),
    "crm": _l("Promises"),
    "suite": _l("House"),
}


@requires("suite.view_proof")
def proof(request: HttpRequest) -> HttpResponse:
    """Ask all invariants; what is broken comes first, with its rows."""
    found = audit.findings(is_whole=False)
    broken = [finding for finding in found if finding.is_broken]
    groups = [(NAMES.get(app, app), list(findings)) for app, findings in groupby(found, key=lambda one: one.app)]
    context = {
        "page_title": _("Proof"),
        "findings": found,
        "broken": broken,
        "open": [finding for finding in found if finding.is_open],
        "parts": [finding for finding in found if not finding.is_whole and not finding.is_open],
        "groups": groups,
        "asked_at": timezone.now(),
        "journals": erp_now.journal_heads(visible_to(request.user, Company.objects.all(), "suite.view_proof")),
    }
    return render(request, "suite/house/proof.html", context)
