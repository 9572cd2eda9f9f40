"""What a mail says: words of any charset and make-up, what is new in an answer, no markup of a stranger's."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail import hypertext, quoting, reading
from tests.crm.mail.servers import mail

QUOTES = [
    "On Mon, 23 Nov 2026 at 09:00, Sara <sara@c1.example> wrote:\n> Dear Ute",
    "On Mon, 23 Nov 2026 at 09:00, Sara Sommer\n<sara@c1.example> wrote:\n> Dear Ute",
    "Am 23.11.2026 um 09:00 schrieb Sara:\n> Liebe Ute",
    "Le lun. 23 nov. 2026 à 09:00, Sara a écrit :\n> Chère Ute",
    "El lun, 23 nov 2026, Sara escribió:\n> Querida",
    "-----Original Message-----\nFrom: Sara\nSent: Monday\nDear Ute",
    "________________________________\nFrom: Sara <sara@c1.example>\nSent: Monday\nTo: Ute\nDear Ute",
    "> Dear Ute\n>\n> Regards",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_is_repeated_is_set_apart(quote: str) -> None:
    assert quoting.divided(f"Yes, please.\n\nUte\n\n{quote}") == ("Yes, please.\n\nUte", quote)


def test_an_answer_between_the_lines_stays_whole() -> None:
    text = "> Thursday?\nYes.\n> Oak?\nBeech."
    assert quoting.divided(text) == (text, "")


def test_a_mail_that_only_repeats_stays_whole() -> None:
    assert quoting.divided("> Dear Ute") == ("> Dear Ute", "")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>Hello <b>Sara</b></p><p>Yes</p>", "Hello Sara\nYes"),
        ("<style>p{}</style><script>alert(1)</script>Hi", "Hi"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("Yes<blockquote>Dear Ute<br>Thursday</blockquote>", "Yes\n> Dear Ute\n> Thursday"),
        ("1 &lt; 2 &amp; <img src=x onerror=alert(1)>", "1 < 2 &"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_hypertext_becomes_words(markup: str, words: str) -> None:
    assert hypertext.words_of(markup) == words


@pytest.mark.parametrize(("charset", "data"), [("iso-8859-1", b"Gr\xfc\xdfe"), ("utf-8", "Grüße".encode()),
                                               ("klingon", "Grüße".encode()), ("utf-8", b"Gr\xfc\xdfe")])  # fmt: skip
def test_any_charset_is_read(charset: str, data: bytes) -> None:
    head = f"From: a@x.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert reading.read(head + data).body == "Grüße"


def test_plain_words_are_taken_before_hypertext() -> None:
    written = mail("Plain.")
    written.add_alternative("<p>Marked.</p>", subtype="html")
    assert reading.read(written.as_bytes()).body == "Plain."


def test_hypertext_alone_is_read_as_words() -> None:
    raw = b"From: a@x.example\r\nContent-Type: text/html\r\n\r\n<p>Only <i>this</i>.</p>"
    assert reading.read(raw).body == "Only this."


def test_a_file_that_is_too_large_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_ATTACHMENT", 10)
    written = mail()
    written.add_attachment(b"x" * 11, maintype="application", subtype="pdf", filename="a.pdf")
    (file,) = reading.read(written.as_bytes()).files
    assert (file.name, file.size, file.content, file.is_left_out) == ("a.pdf", 11, b"", True)


def test_a_mail_inside_a_mail_is_a_file() -> None:
    written = mail("See below.")
    written.add_attachment(mail("Inner.", subject="Inner"))
    found = reading.read(written.as_bytes())
    assert found.body == "See below."
    assert [file.content_type for file in found.files] == ["message/rfc822"]
    assert b"Inner." in found.files[0].content


@pytest.mark.parametrize(
    "head",
    ["Auto-Submitted: auto-generated", "Precedence: bulk", "X-Autoreply: yes", "Auto-Submitted: auto-replied; x=1"],
)
def test_a_machine_is_known(head: str) -> None:
    assert reading.read(f"From: a@x.example\r\n{head}\r\n\r\nAway".encode()).is_automatic


def test_auto_submitted_no_is_a_person() -> None:
    assert not reading.read(b"From: a@x.example\r\nAuto-Submitted: no\r\n\r\nHi").is_automatic


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_named_unreadable(raw: bytes) -> None:
    with contextlib.suppress(reading.Unreadable):
        found = reading.read(b"From: a@x.example\r\n" + raw)
        assert "\x00" not in found.body + found.subject
        assert found.message_id
