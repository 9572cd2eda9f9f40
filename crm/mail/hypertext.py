"""The words of an HTML mail. No markup of a stranger's is ever kept or shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = {"br", "p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "section", "article"}
SILENT = {"script", "style", "head", "title", "template", "svg", "object", "noscript"}
VOID = {"br", "hr", "img", "meta", "link", "input"}


class _Words(HTMLParser):
    """Collects text; quoted parts are marked with > as in plain mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes = 0
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag == "blockquote":
            self._break()
            self.quotes += 1
        elif tag == "li":
            self._break()
            self.handle_data("- ")
        elif tag in BREAKS:
            self._break(is_empty=tag == "br")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "blockquote":
            self._break()
            self.quotes = max(0, self.quotes - 1)
        elif tag in BREAKS - VOID:
            self._break()
        elif tag in ("td", "th"):
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        words = re.sub(r"\s+", " ", data)
        if not self.lines[-1]:
            words = words.lstrip()
            if words and self.quotes:
                words = "> " + words
        self.lines[-1] += words

    def _break(self, is_empty: bool = False) -> None:
        if self.lines[-1] or is_empty:
            self.lines.append("")


def words_of(markup: str) -> str:
    """Its words line by line, without scripts, styles and pictures."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    text = "\n".join(line.rstrip() for line in reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
