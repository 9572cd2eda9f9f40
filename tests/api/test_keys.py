"""API keys: what opens, what does not, and what is remembered of a use."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

import pytest
from django.utils import timezone

from masterdata import keys
from masterdata.errors import InvalidInput
from masterdata.models import ApiKey
from tests.api.conftest import NOW, Caller, World

Callers = Callable[..., Caller]


def test_key_opens_what_its_user_may(caller: Callers) -> None:
    assert caller("sales").get("masterdata/partners/").status_code == 200


def test_only_the_hash_of_the_secret_is_stored(caller: Callers) -> None:
    seller = caller("sales")
    secret = seller.token.split("_", 2)[2]
    row = ApiKey.objects.get()
    assert row.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) >= 43  # 32 bytes in base64
    assert secret not in str(row.__dict__)


@pytest.mark.parametrize("token", ["", "tl", "tl_", "tl_0123456789_wrong", "xx_0123456789_wrong", "Bearer", "tl__"])
def test_unknown_key_is_401_with_a_challenge(world: World, token: str) -> None:
    answer = Caller(None, token or " ").get("masterdata/partners/")  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_wrong_secret_with_a_known_prefix_is_401(caller: Callers) -> None:
    seller = caller("sales")
    assert Caller(seller.user, seller.token[:-1] + "~").get("masterdata/partners/").status_code == 401


def test_nobody_is_401(world: World) -> None:
    answer = Caller(None, "").get("masterdata/partners/")  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


def test_expired_key_opens_nothing(caller: Callers) -> None:
    seller = caller("sales", expires_at=NOW + dt.timedelta(days=3650))
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert seller.get("masterdata/partners/").status_code == 401


def test_revoked_key_opens_nothing(caller: Callers) -> None:
    seller = caller("sales")
    keys.revoke_key(key_id=ApiKey.objects.get().pk, now=NOW)
    assert seller.get("masterdata/partners/").status_code == 401


def test_key_of_a_user_switched_off_opens_nothing(caller: Callers) -> None:
    seller = caller("sales")
    seller.user.is_active = False
    seller.user.save()
    assert seller.get("masterdata/partners/").status_code == 401


def test_scopes_limit_what_the_user_may(caller: Callers, world: World) -> None:
    reader = caller("sales", scopes=["masterdata.view"])
    assert reader.get("masterdata/partners/").status_code == 200
    answer = reader.post("masterdata/partners/", {"code": "C2", "name": "Second"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_scopes_never_widen_what_the_user_may(caller: Callers) -> None:
    operator = caller("operator", scopes=["masterdata.edit_partner", "masterdata.view"])
    assert operator.post("masterdata/partners/", {"code": "C2", "name": "Second"}).status_code == 403


def test_unknown_scope_is_refused(caller: Callers) -> None:
    with pytest.raises(InvalidInput):
        caller("sales", scopes=["erp.own_the_house"])


def test_last_use_is_written_at_most_once_a_minute(caller: Callers) -> None:
    caller("sales")
    key = ApiKey.objects.get()
    for second in (0, 1, 59):
        keys.note_use(ApiKey.objects.get(), now=NOW + dt.timedelta(seconds=second))
    key.refresh_from_db()
    assert key.last_used_at == NOW
    keys.note_use(key, now=NOW + dt.timedelta(seconds=60))
    key.refresh_from_db()
    assert key.last_used_at == NOW + dt.timedelta(seconds=60)


def test_use_of_a_key_is_noted(caller: Callers) -> None:
    caller("sales").get("masterdata/partners/")
    assert ApiKey.objects.get().last_used_at is not None


def test_admin_issues_a_key_and_sees_its_secret_once(caller: Callers, world: World) -> None:
    admin = caller("admin")
    colleague = caller("sales").user
    answer = admin.post("masterdata/api-keys/", {"user": colleague.pk, "name": "Shop", "scopes": ["masterdata.view"]})
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert Caller(colleague, token).get("masterdata/partners/").status_code == 200
    again = admin.get(f"masterdata/api-keys/{answer.json()['id']}/")
    assert "token" not in again.json()
    assert admin.post(f"masterdata/api-keys/{answer.json()['id']}/revoke/").json()["revoked_at"]
    assert Caller(colleague, token).get("masterdata/partners/").status_code == 401
