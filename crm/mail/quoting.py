"""What of an answer is new, and what it only repeats."""

from __future__ import annotations

import re

# "On Mon, 23 Nov 2026 at 09:00, Sara <sara@x> wrote:" in the languages of our letters, perhaps over two lines.
_WROTE = re.compile(
    r"^(On\b.{3,200}\bwrote|Am\b.{3,200}\bschrieb\b.{0,120}|Le\b.{3,200}\ba écrit|El\b.{3,200}\bescribió"
    r"|.{3,120}(写道|寫道))\s?[::]$",
    re.IGNORECASE | re.DOTALL,
)
_RULE = re.compile(
    r"^\s*[-_]{2,}\s*(Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|原始邮件)\s*[-_]*\s*$",
    re.IGNORECASE,
)
_LINE = re.compile(r"^\s*_{10,}\s*$")
_FROM = re.compile(r"^\s*\*?(From|Von|De|发件人)\s?\*?\s?[::]", re.IGNORECASE)
_OTHER_HEAD = re.compile(
    r"^\s*\*?(From|Von|De|发件人|Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|发送时间|To|An|À|Para)\s?\*?\s?[::]",
    re.IGNORECASE,
)


def divided(text: str) -> tuple[str, str]:
    """The new words and the repeated ones. Where all is repeated, or nothing new would be left, all is new."""
    lines = text.splitlines()
    for at in range(len(lines)):
        if _begins_quote(lines, at):
            new = "\n".join(lines[:at]).strip()
            return (new, "\n".join(lines[at:]).strip()) if new else (text.strip(), "")
    return text.strip(), ""


def _begins_quote(lines: list[str], at: int) -> bool:
    """An intro line, a rule, a copied head, or a block of > that goes on to the end."""
    line = lines[at].strip()
    if not line:
        return False
    two = f"{line} {lines[at + 1].strip()}" if at + 1 < len(lines) else line
    if _RULE.match(line) or _WROTE.match(line) or _WROTE.match(two):
        return True
    if _LINE.match(line) or _FROM.match(line):
        return any(_OTHER_HEAD.match(one) for one in lines[at + 1 : at + 4])
    return line.startswith(">") and all(not one.strip() or one.lstrip().startswith(">") for one in lines[at:])
