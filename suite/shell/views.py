"""Pages of the shell itself: log-in, log-out, start, search, theme."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from aps import selectors as aps_now
from masterdata import search as register
from masterdata.access import PUBLIC, SIGNED_IN, Guarded, may, requires, scope_of
from masterdata.models import Company
from suite.shell.context import THEMES
from suite.shell.plants import back
from suite.start import buying, store

A_YEAR = 365 * 24 * 60 * 60


class Login(Guarded, LoginView):
    """The log-in page. django-axes counts failures and locks out."""

    permission = PUBLIC
    template_name = "suite/login.html"
    redirect_authenticated_user = True
    extra_context = {"page_title": _("Log in")}


@requires(PUBLIC)
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """POST only, so that no link logs anybody out."""
    logout(request)
    return redirect("suite:login")


@requires(SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """Where a person starts: the control tower for who answers for the whole, else what waits and where to go."""
    if may(request.user, "erp.view_ledger") and may(request.user, "mes.view_floor"):
        return redirect("suite:control_tower")
    is_empty = may(request.user, "masterdata.manage_users") and not Company.objects.exists()
    waiting = aps_now.open_proposals(scope_of(request.user, "aps.publish_plan").plants)
    now, today = timezone.now(), timezone.localdate()
    work = [found for part in (buying, store) if (found := part.columns(request, now, today))]
    context = {"page_title": _("Start"), "is_empty": is_empty, "waiting": waiting, "work": work}
    return render(request, "suite/home.html", context)


@requires(SIGNED_IN)
def search(request: HttpRequest) -> HttpResponse:
    """Everything the text names; as a page, and as the part under the search field."""
    text = request.GET.get("q", "")[:80]
    is_part = "HX-Request" in request.headers
    groups = register.find_everywhere(request.user, text, limit=6 if is_part else 25)
    context = {"groups": groups, "search_text": text, "page_title": _("Search")}
    return render(request, "suite/_found.html" if is_part else "suite/search.html", context)


@requires(PUBLIC)
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device has it; kept in a cookie so that the first paint is right."""
    answer = redirect(back(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        answer.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        answer.delete_cookie("theme")
    return answer


def locked_out(request: HttpRequest, _credentials: object = None, *_args: object, **_kwargs: object) -> HttpResponse:
    """Too many failed tries: what to do now."""
    return render(request, "suite/locked_out.html", {"page_title": _("Locked")}, status=429)
