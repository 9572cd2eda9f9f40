"""Mail servers for tests: real processes, started on free ports, and what lies in them."""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from suite.stack import places, processes
from tests.crew import until

CERTIFICATE = Path(__file__).with_name("server.pem")
FOLDER = "Answers"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def spawn(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=places.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=processes.die_with_parent(signal.SIGKILL),
    )


def answers(port: int) -> bool:
    """Whether it greets."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            return bool(line.recv(3))
    except OSError:
        return False


@dataclass
class Arrived:
    """A mail as the server got it, with its envelope."""

    sender: str
    receivers: list[str]
    was_encrypted: bool
    peer: int
    mail: EmailMessage


@dataclass
class SmtpServer:
    folder: Path
    with_tls: bool = False
    port: int = field(default_factory=free_port)
    process: Any = None

    @property
    def url(self) -> str:
        security = f"ca={CERTIFICATE}" if self.with_tls else "tls=none"
        return f"smtp://127.0.0.1:{self.port}/?{security}"

    def start(self) -> None:
        certificate = ["--cert", str(CERTIFICATE)] if self.with_tls else []
        where = ["--port", str(self.port), "--folder", str(self.folder)]
        self.process = spawn("tests.crm.mail.smtp_server", *where, *certificate)
        until(lambda: answers(self.port), 30, "the SMTP server greets")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def arrived(self) -> list[Arrived]:
        return [_arrived(path) for path in sorted(self.folder.glob("*.mail"), key=lambda path: path.stat().st_mtime_ns)]

    def be_quick(self) -> None:
        """From here on it answers at once, also to what is meant for `slow@`."""
        (self.folder / "quick").touch()


def _arrived(path: Path) -> Arrived:
    head, _, body = path.read_text().partition("\n")
    told = json.loads(head)
    mail = email.message_from_string(body, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return Arrived(told["from"], told["to"], told["tls"], told["peer"], mail)


@dataclass
class ImapServer:
    """In memory; its folder `Answers` can be emptied and made anew."""

    port: int = field(default_factory=free_port)
    process: Any = None

    @property
    def url(self) -> str:
        return f"imap://demouser:demopass@127.0.0.1:{self.port}/{FOLDER}?tls=none"

    def start(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        self.process = spawn("tests.crm.mail.imap_server", *where, "--no-tls", "dict")
        until(lambda: answers(self.port), 30, "the IMAP server greets")
        self.make_folder()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @contextlib.contextmanager
    def client(self) -> Any:
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        try:
            imap.login("demouser", "demopass")
            yield imap
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                imap.logout()

    def make_folder(self) -> None:
        with self.client() as imap:
            assert imap.create(FOLDER)[0] == "OK"

    def count_anew(self) -> None:
        """The folder goes and comes back with another UIDVALIDITY, with the same mails."""
        with self.client() as imap:
            imap.select(FOLDER)
            _, found = imap.uid("SEARCH", "ALL")
            kept = []
            for uid in found[0].split():
                _, parts = imap.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
                kept.append(parts[0][1])
            imap.close()
            assert imap.delete(FOLDER)[0] == "OK"
            assert imap.create(FOLDER)[0] == "OK"
            for raw in kept:
                imap.append(FOLDER, "", None, raw)

    def put(self, *mails: bytes | EmailMessage) -> None:
        """Lay mails into the folder, as a mail server does on delivery."""
        with self.client() as imap:
            for mail in mails:
                raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=email.policy.SMTP)
                answer = imap.append(FOLDER, "", None, raw)
                assert answer[0] == "OK", answer


def mail(
    text: str = "Yes, please.", *, sender: str = "ute@nordhaus.example", to: str = "sales@c1.example", **heads: str
) -> EmailMessage:
    """A mail as a customer's program writes it; `heads` with _ for -."""
    written = EmailMessage()
    written["From"], written["To"] = sender, to
    written["Subject"] = heads.pop("subject", "Re: Your order")
    for name, value in heads.items():
        written[name.replace("_", "-").title().replace("-Id", "-ID")] = value
    written.set_content(text)
    return written
