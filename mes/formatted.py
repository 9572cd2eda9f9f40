"""The text of a step as markup: paragraphs, lists, bold. Pure; everything that was typed is escaped."""

from __future__ import annotations

import re
from html import escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")


def as_markup(text: str) -> str:
    """Paragraphs are parted by empty lines; lines that begin with "- " are a list, **two stars** make it bold."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        plain: list[str] = []
        items: list[str] = []
        for line in block.split("\n"):
            if line.lstrip().startswith("- "):
                found += _paragraph(plain)
                plain = []
                items.append(_line(line.lstrip()[2:]))
                continue
            found += _list(items)
            items = []
            plain.append(_line(line))
        found += _paragraph(plain) + _list(items)
    return "".join(found)


def _paragraph(lines: list[str]) -> list[str]:
    text = "<br>".join(line for line in lines if line)
    return [f"<p>{text}</p>"] if text else []


def _list(items: list[str]) -> list[str]:
    return [f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"] if items else []


def _line(line: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", escape(line.strip()))
