"""Every page that a link leads to: it opens, and it takes no more than its pinned number of queries.

The demo factory is walked by somebody with every role, from the start page along all links and parts; one page per
address is enough. `THROUGHLINE_PIN=1` writes the counts anew: read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from django.utils import timezone

from masterdata import access, accounts
from masterdata.models import Company, User
from suite import roles
from suite.demo.load import load
from tests.pages import exporting

PINNED = Path(__file__).with_name("every_page.json")
LINK = re.compile(r'(?:href|hx-get|data-url)="([^"#]+)')
# What stands on a page depends a little on the hour at which the demo is loaded.
SPARE = 2
# Not pages: streams, files, the way out.
LEFT_OUT = ("/api/", "/static/", "/live", "/logout", "/healthz", "/readyz", "/theme", "/tablet/app.webmanifest")
TEMPLATE = re.compile(r"<template.*?</template>", re.DOTALL)  # scripts fill them; their links are no links yet


class Walk:
    """Breadth-first over links; remembers one page and its queries per address name, and what is wrong.

    Wrong: a page that does not open, an export that says something else than its page, and a link to a page that the
    user may not open.
    """

    def __init__(self, user: User, *, reads_exports: bool = True) -> None:
        self.user, self.reads_exports = user, reads_exports
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.queries: dict[str, int] = {}
        self.wrong: list[str] = []
        self.waiting = ["/"]
        self.seen: set[str] = set()

    def go(self) -> None:
        """Until no new address is found."""
        while self.waiting:
            self._visit(self.waiting.pop(0))

    def _visit(self, url: str) -> None:
        path = urlsplit(url).path
        if path.startswith(LEFT_OUT):
            return
        try:
            name = resolve(path).view_name
        except Resolver404:
            self.wrong.append(f"{url} leads nowhere")
            return
        if name in self.queries:
            return
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(url, follow=False)
        self.queries[name] = len(queries)
        if answer.status_code in (301, 302):
            self._note(answer["Location"], url)
        elif answer.status_code not in (200, 202, 204):
            self.wrong.append(f"{url} ({name}) answers {answer.status_code}")
        elif "html" in answer.get("Content-Type", ""):
            self._read(path, url, answer.content.decode())

    def _read(self, path: str, url: str, page: str) -> None:
        for link in LINK.findall(TEMPLATE.sub("", page)):
            self._note(link.replace("&amp;", "&"), url)
        if "export=xlsx" in page:
            self._export(path)

    def _export(self, path: str) -> None:
        """Both files say what the page shows; or, when that is known, the one opens."""
        if self.reads_exports:
            self.wrong += exporting.wrong_in(self.client, path)[:3]
        elif (code := self.client.get(path, {"export": "csv"}).status_code) != 200:
            self.wrong.append(f"{path}?export=csv answers {code}")

    def _note(self, link: str, here: str) -> None:
        parts = urlsplit(urljoin(here, link))
        if parts.scheme in ("", "http", "https") and parts.netloc in ("", "testserver") and parts.path not in self.seen:
            self.seen.add(parts.path)
            if not parts.path.startswith(LEFT_OUT) and not access.opens(self.user, parts.path):
                self.wrong.append(f"{here} leads to {parts.path}, which {self.user} may not open")
                return
            self.waiting.append(urljoin(here, link))


@pytest.mark.long
@pytest.mark.usefixtures("alone")
def test_every_page_opens_and_takes_its_pinned_queries() -> None:
    load(timezone.now())
    company = Company.objects.get()
    user = accounts.create_user(
        username="everybody", roles=[accounts.Role(role, company) for role in roles.TABLE if role != "portal"]
    )
    walk = Walk(user)
    walk.go()
    assert walk.wrong == []
    assert len(walk.queries) > 40
    if os.environ.get("THROUGHLINE_PIN"):
        PINNED.write_text(json.dumps(dict(sorted(walk.queries.items())), indent=2) + "\n")
    pinned = json.loads(PINNED.read_text())
    assert sorted(set(walk.queries) - set(pinned)) == []
    too_many = {name: count for name, count in walk.queries.items() if count > pinned[name] + SPARE}
    assert too_many == {}
    wrong = []
    for role in sorted(set(roles.TABLE) - {"portal"}):
        user = accounts.create_user(username=f"only-{role}", roles=[accounts.Role(role, company)])
        one_role = Walk(user, reads_exports=False)
        one_role.go()
        wrong += one_role.wrong
    assert "\n".join(wrong) == ""
