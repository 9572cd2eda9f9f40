"""An SMTP server as a process of its own: keeps each mail as a file, refuses by the receiver's name.

`gone@` 550 when named, `busy@` 451 when named, `full@` 552 after the data, `later@` 451 after the data; `slow@` keeps
the mail and then says nothing for a minute: time to kill who waits for the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import uuid
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

AT_NAME = {"gone": "550 5.1.1 No such user here", "busy": "451 4.3.0 Come back later"}
AFTER_DATA = {"full": "552 5.2.2 Mailbox full", "later": "451 4.3.0 Try again"}


class Keeper:
    """Takes what it is sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if answer := AT_NAME.get(address.split("@")[0]):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        names = {address.split("@")[0] for address in envelope.rcpt_tos}
        for name in names:
            if answer := AFTER_DATA.get(name):
                return answer
        head = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "peer": session.peer[1],
        }
        body = envelope.content.decode("utf-8", "replace")
        fresh = self.folder / f"{uuid.uuid4().hex}.part"
        fresh.write_text(json.dumps(head) + "\n" + body)
        fresh.rename(fresh.with_suffix(".mail"))
        if "slow" in names and not (self.folder / "quick").exists():
            await asyncio.sleep(60)
        return "250 OK"


def main() -> None:
    """Serve until killed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--cert")
    given = asked.parse_args()
    more: dict[str, Any] = {}
    if given.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.cert)
        more = {"tls_context": context, "require_starttls": True}
    controller = Controller(Keeper(given.folder), hostname="127.0.0.1", port=given.port, **more)
    controller.start()
    asyncio.new_event_loop().run_forever()


if __name__ == "__main__":
    main()
