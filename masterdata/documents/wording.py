"""The words of documents by language, and how numbers, money, days and quantities are written there."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.utils import timezone

from masterdata.models.languages import DEFAULT, Language

FOLDER = Path(__file__).with_name("words")
# Days and numbers as they are written where the language is at home; English as the house writes it: 26 November 2026.
_LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans"}
_MOMENTS = {"de": "d. MMM, HH:mm 'Uhr'", "zh-hans": "M月d日 HH:mm"}


@cache
def words_of(language: str) -> dict[str, Any]:
    """All words of a language, by section and key."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Wording:
    """Says things in one language."""

    language: str

    def word(self, section: str, key: str, **values: str) -> str:
        """ "titles", "invoice": the word, with its placeholders filled."""
        text: str = words_of(self.language)[section][key]
        return text.format(**values) if values else text

    def title(self, key: str) -> str:
        return self.word("titles", key)

    def fact(self, key: str) -> str:
        return self.word("facts", key)

    def head(self, key: str) -> str:
        """The head of a column."""
        return self.word("columns", key)

    def total(self, key: str, **values: str) -> str:
        return self.word("totals", key, **values)

    def text(self, key: str, **values: str) -> str:
        return self.word("texts", key, **values)

    @property
    def page_of(self) -> str:
        return str(words_of(self.language)["page_of"])

    @property
    def _locale(self) -> str:
        return _LOCALES.get(self.language, self.language)

    def number(self, value: Decimal | int, places: int | None = None) -> str:
        """With `places` exactly so many decimals, else as many as say something."""
        pattern = "#,##0" + ("." + "0" * places if places else "" if places == 0 else ".######")
        return format_decimal(value, format=pattern, locale=self._locale)

    def money(self, amount: Decimal, currency: Any, *, bare: bool = False) -> str:
        """ "1,234.50 EUR"; `bare` without the currency, under a head that names it. `currency` is a row."""
        text = self.number(amount, currency.decimals)
        return text if bare else f"{text} {currency.code}"

    def price(self, amount: Decimal, currency: Any) -> str:
        """Of one unit: the currency's decimals, more as far as they say something."""
        pattern = "#,##0." + "0" * currency.decimals + "#" * (6 - currency.decimals)
        return format_decimal(amount, format=pattern, locale=self._locale)

    def quantity(self, value: Decimal, unit_code: str) -> str:
        """ "48 pcs"; a unit that the language does not name keeps its code."""
        unit = words_of(self.language)["units"].get(unit_code, unit_code)
        return f"{self.number(value)} {unit}"

    def term(self, term: Any) -> str:
        """ "7 days net", "2 % in 10 days, 30 days net"; a term with deposits or instalments by its own name."""
        if term.is_in_parts:
            return str(term.name)
        net = self._days("net", term.days)
        if not term.discount_percent:
            return net
        percent = self.number(term.discount_percent)
        return self._days("early", term.discount_days, percent=percent, net=net)

    def _days(self, key: str, days: int, **values: str) -> str:
        return self.word("terms", f"{key}_{ {0: 'now', 1: 'day'}.get(days, 'days') }", days=self.number(days), **values)

    def day(self, value: dt.date | dt.datetime) -> str:
        """ "26 November 2026", a moment by its day in the active time zone."""
        day = timezone.localdate(value) if isinstance(value, dt.datetime) else value
        return format_date(day, "long", locale=self._locale)

    def short_day(self, value: dt.date | dt.datetime) -> str:
        """ "26 Nov 2026"."""
        day = timezone.localdate(value) if isinstance(value, dt.datetime) else value
        return format_date(day, "medium", locale=self._locale)

    def moment(self, value: dt.datetime) -> str:
        """ "26 Nov, 14:30", in German "26. Nov., 14:30 Uhr", in the active time zone."""
        pattern = _MOMENTS.get(self.language, "d MMM, HH:mm")
        return format_datetime(timezone.localtime(value), pattern, locale=self._locale)


def wording(*languages: str) -> Wording:
    """In the first language that is given and known: the customer's, then the company's, else English."""
    known = set(Language.values)
    return Wording(next((one for one in languages if one in known), DEFAULT))
