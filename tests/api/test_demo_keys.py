"""`manage.py demo_keys`: one key per role, only where there is a demo."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from masterdata.models import User
from suite.roles import ROLES
from tests.api.conftest import Caller, World


def issued() -> dict[str, str]:
    out = StringIO()
    call_command("demo_keys", "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def status(token: str, address: str) -> int:
    return int(Caller(User(), token).get(address).status_code)


def test_every_role_gets_a_key_that_acts_in_its_role(world: World, settings: Any) -> None:
    settings.DEBUG = True
    tokens = issued()
    assert tokens.keys() == ROLES.keys()
    assert status(tokens["accountant"], "erp/journal-entries/") == 200
    assert status(tokens["operator"], "erp/journal-entries/") == 403


def test_called_again_it_issues_anew(world: World, settings: Any) -> None:
    settings.DEBUG = True
    first, second = issued(), issued()
    assert status(first["sales"], "masterdata/partners/") == 401
    assert status(second["sales"], "masterdata/partners/") == 200


def test_real_data_gets_no_demo_keys(world: World) -> None:
    with pytest.raises(CommandError, match="no demo"):
        issued()
