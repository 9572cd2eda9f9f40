"""One API key per role of the demo company, to try the REST interface with."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from masterdata import accounts, keys
from masterdata.errors import Refusal
from masterdata.models import ApiKey, Company, User
from suite.demo.people import PEOPLE
from suite.roles import ROLES

NAME = "Demo"
MAIL = "fjord.example"


class NoDemo(Refusal):
    """Keys whose secrets are printed are for demo data only."""

    code = "no_demo"


@transaction.atomic
def issue_demo_keys(*, now: dt.datetime) -> dict[str, keys.IssuedKey]:
    """A new key for each role; those issued before are gone. Raises NoDemo on anything but a demo."""
    people = {role: name for name, _first, _last, role, _plant in reversed(PEOPLE)}
    hired = {user.username: user for user in User.objects.filter(email__endswith=f"@{MAIL}").order_by("pk")}
    company = _company(bool(hired))
    issued = {}
    for role in sorted(ROLES):
        user = hired.get(people.get(role, "")) or _stand_in(role, company)
        ApiKey.objects.filter(user=user, name=NAME).delete()
        issued[role] = keys.issue_key(user=user, name=NAME, now=now)
    return issued


def _company(is_demo: bool) -> Company:
    company = Company.objects.order_by("pk").first()
    if company is None or not (is_demo or settings.DEBUG):
        raise NoDemo("There is no demo here. Load it with `manage.py demo`, or make keys for users as administrator.")
    return company


def _stand_in(role: str, company: Company) -> User:
    """A log-in without a password for a role that nobody of the demo has."""
    known = User.objects.filter(username=f"demo-{role}").first()
    return known or accounts.create_user(
        username=f"demo-{role}", email=f"demo-{role}@{MAIL}", roles=[accounts.Role(role, company)]
    )
