"""The notation of docs/contract.md says no when an answer is not as shown: else its examples prove nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.contract.document import Call, Command, Unreadable, steps
from tests.contract.notation import Differs, Names
from tests.contract.test_contract import DOCUMENT

EXAMPLE = """
```http eventually
POST /api/v1/orders/{order}/
Idempotency-Key: {new one}

{"quantity": "4"}
```

```http
HTTP/1.1 201 Created
ETag: {etag}

{"id": "{made}"}
```

```console
python3 manage.py demo_keys --json
```

```json
{"sales": "<text>"}
```
"""


def test_requests_and_answers_are_read_in_order() -> None:
    call, command = steps(EXAMPLE)
    assert isinstance(call, Call)
    assert (call.line, call.when, call.status) == (2, "eventually", 201)
    assert (call.request.head, call.request.body) == ("POST /api/v1/orders/{order}/", {"quantity": "4"})
    assert call.answer.headers == {"ETag": "{etag}"}
    assert command == Command(16, ["demo_keys", "--json"], {"sales": "<text>"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```http\nGET /a/\n```\n", "line 1: this request has no answer"),
        ("```http\nHTTP/1.1 200 OK\n```\n", "line 1: each request is followed by its answer"),
        ("```http\nGET /a/\n```\n```http\nGET /b/\n```\n", "line 4: each request is followed by its answer"),
        ("```http\nGET /a/\n```\n```http\nHTTP/1.1 200 OK\n\n{,}\n```\n", "line 4: "),
        ("```http soon\nGET /a/\n```\n```http\nHTTP/1.1 200 OK\n```\n", "no such word after the fence: soon"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, fault: str) -> None:
    with pytest.raises(Unreadable, match=fault):
        list(steps(text))


@pytest.mark.parametrize(
    ("shown", "got"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": []}, {"a": []}),
        ([{"a": 2}], [{"a": 1}, {"a": 2}]),
        ("<decimal>", "12.50"),
        ("<number>", 3),
        ("<date>", "2026-11-23"),
        ("<date-time>", "2026-11-23T09:00:00Z"),
        ("<text with SAW-01>", "SAW-01 is down"),
        ("2026-11-23T09:00:00+00:00", "2026-11-23T10:00:00+01:00"),
        ({"a": "{x}", "b": "{x}"}, {"a": 1, "b": 1}),
    ],
)
def test_an_answer_as_shown_passes(shown: Any, got: Any) -> None:
    Names().compare(shown, got)


@pytest.mark.parametrize(
    ("shown", "got"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": True}),
        ({"a": "4"}, {"a": 4}),
        ({"a": None}, {"a": 0}),
        ({"a": []}, {"a": [1]}),
        ([{"a": 3}], [{"a": 1}, {"a": 2}]),
        ([1, 1], [1, 2]),
        ("<decimal>", 12.5),
        ("<decimal>", "many"),
        ("<number>", "3"),
        ("<number>", True),
        ("<date>", "23.11.2026"),
        ("<date-time>", "2026-11-23T09:00:00"),
        ("<text>", ""),
        ("<text>", None),
        ("<text with SAW-01>", "SAW-02 is down"),
        ("<colour>", "red"),
        ("2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00+01:00"),
        ({"a": "{x}", "b": "{x}"}, {"a": 1, "b": 2}),
        ("{x}", None),
    ],
)
def test_an_answer_that_is_not_as_shown_fails(shown: Any, got: Any) -> None:
    with pytest.raises(Differs):
        Names().compare(shown, got)


def test_names_told_by_answers_fill_requests() -> None:
    names = Names()
    answer = {"results": [{"code": "A", "id": 1}, {"code": "B", "id": 2}]}
    names.compare({"results": [{"code": "B", "id": "{b}"}]}, answer)
    assert names.fill({"material": "{b}", "at": ["/orders/{b}/"]}) == {"material": 2, "at": ["/orders/2/"]}
    assert uuid.UUID(names.fill("{new key}")) == uuid.UUID(names.fill("{new key}"))
    assert names.fill("{new key}") != names.fill("{new other}")
    assert names.fill("{today+1d}") > names.fill("{today}")
    assert names.fill("{now-5min}") < names.fill("{now}")
    with pytest.raises(Differs, match="no answer has told"):
        names.fill("{c}")


def test_the_contract_tells_its_version_and_three_stories() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.startswith("# Contract 2\n")
    for story in ("\n## Order to cash\n", "\n## Rush order\n", "\n## Machine breakdown\n"):
        assert story in text
    calls = [step for step in steps(text) if isinstance(step, Call)]
    assert {call.when for call in calls} == {"", "eventually", "slow"}
    assert {200, 201, 202, 400, 409, 422} <= {call.status for call in calls}
