"""Mail servers of tests, and the settings that name them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crm.mail.servers import ImapServer, SmtpServer


@pytest.fixture
def smtp(tmp_path: Path, settings: Any) -> Iterator[SmtpServer]:
    """An SMTP server, running, named in the settings."""
    server = SmtpServer(tmp_path)
    server.start()
    settings.SMTP_URL, settings.MAIL_REPLY_TO = server.url, "reply@c1.example"
    yield server
    server.stop()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    server = ImapServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def imap(imap_server: ImapServer, settings: Any) -> ImapServer:
    """An IMAP server with an empty folder, named in the settings."""
    with imap_server.client() as client:
        client.delete("Answers")
    imap_server.make_folder()
    settings.IMAP_URL, settings.MAIL_REPLY_TO = imap_server.url, "reply@c1.example"
    return imap_server
