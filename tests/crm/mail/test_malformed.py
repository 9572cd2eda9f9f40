"""Mails that break every rule: none stops the poll, none is lost, all are counted."""

from __future__ import annotations

import random

from crm import exchange
from crm.models import IncomingMail, Mailbox
from tests.crm.mail.servers import ImapServer, mail
from tests.crm.mail.test_fetching import received
from tests.flows.workshop import Workshop


def test_five_hundred_malformed_mails_stop_nothing(shop: Workshop, imap: ImapServer) -> None:
    """Pieces of a mail in any order, bytes of any kind: each becomes a message or lies in quarantine with why, and the
    sound mail behind them arrives."""
    chance = random.Random(8)
    imap.put(*(_mangled(chance, number) for number in range(500)), mail("Sound."))
    while exchange.fetch_mail():
        pass
    assert IncomingMail.objects.count() == 501
    by_outcome = {one: IncomingMail.objects.filter(outcome=one).count() for one in ("taken", "twin", "quarantined")}
    assert by_outcome["taken"] == len(received())
    assert by_outcome["quarantined"] > 20
    assert not IncomingMail.objects.filter(outcome="quarantined", error="").exists()
    assert all(bytes(one.raw) for one in IncomingMail.objects.filter(outcome="quarantined"))
    assert received()[-1].body == "Sound."
    assert Mailbox.objects.get().error == ""


PIECES = [
    b"From: ute@nordhaus.example\r\n", b"From: \xff\xfe\xfd\r\n", b"From: =?utf-8?b?!!!!?= <a@b>\r\n", b"From:\r\n",
    b"From: <<>>,;@\r\n", b"Subject: =?nope?q?x?=\r\n", b"Subject: " + b"y" * 4000 + b"\r\n", b"Date: yesterday\r\n",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n", b"Message-ID: <a b c>\r\n", b"Message-ID: none\r\n",
    b"Content-Type: multipart/mixed; boundary=\r\n", b'Content-Type: multipart/mixed; boundary="X"\r\n',
    b"Content-Type: text/plain; charset=klingon\r\n", b"Content-Type: text/html; charset=utf-16\r\n",
    b"Content-Type: ;;;\r\n", b"Content-Type: message/rfc822\r\n", b"Content-Type: multipart/report\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: uuencode\r\n",
    b"Content-Transfer-Encoding: \x80\r\n", b"To: undisclosed recipients:;\r\n", b"To: \x00\x01@\r\n",
    b'Content-Disposition: attachment; filename*=utf-8\'\'%ff%fe; filename="a\r\n b"\r\n', b"References: <<<>>> <\r\n",
    b"no colon here\r\n", b": empty\r\n", b"MIME-Version: 1.0\r\n",
]  # fmt: skip

BODIES = [b"", b"--X\r\n\r\n--X--", b"--X\r\nContent-Type: text/html\r\n\r\n<p><b>Hi", b"\x00\xff" * 50, b"===="]


def _mangled(chance: random.Random, number: int) -> bytes:
    head = b"".join(chance.sample(PIECES, chance.randint(0, 9)))
    body = chance.choice(BODIES) + str(number).encode()
    return head + chance.choice([b"\r\n", b"\n", b""]) + body + b"\r\n"
