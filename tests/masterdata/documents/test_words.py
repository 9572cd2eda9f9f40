"""Every language says everything, with the same placeholders."""

from __future__ import annotations

import datetime as dt
import string
from decimal import Decimal

import pytest

from masterdata.documents.parties import own_lines
from masterdata.documents.wording import Wording, wording, words_of
from masterdata.models import Currency, Language, PaymentTerm

OTHERS = [language for language in Language.values if language != "en"]


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_words_and_placeholders_of_english(language: str) -> None:
    english, other = words_of("en"), words_of(language)
    assert english.keys() == other.keys()
    for section, words in english.items():
        if isinstance(words, str):
            assert placeholders(words) == placeholders(other[section]), section
            continue
        assert words.keys() == other[section].keys(), section
        for key, text in words.items():
            assert placeholders(text) == placeholders(other[section][key]), (section, key)
            assert other[section][key].strip()


@pytest.mark.parametrize(
    ("language", "money", "day", "quantity"),
    [
        ("en", "1,234.50 EUR", "26 November 2026", "2.5 pcs"),
        ("de", "1.234,50 EUR", "26. November 2026", "2,5 Stk"),
        ("fr", "1\u202f234,50 EUR", "26 novembre 2026", "2,5 pièces"),
        ("es", "1.234,50 EUR", "26 de noviembre de 2026", "2,5 uds."),
        ("zh-hans", "1,234.50 EUR", "2026年11月26日", "2.5 件"),
    ],
)
def test_figures_are_written_as_at_home(language: str, money: str, day: str, quantity: str) -> None:
    """1234.5 with the euro's two decimals; trailing zeros of a quantity go; units have words."""
    say = Wording(language)
    assert say.money(Decimal("1234.5"), Currency(code="EUR", decimals=2)) == money
    assert say.day(dt.date(2026, 11, 26)) == day
    assert say.quantity(Decimal("2.500000"), "PC") == quantity


@pytest.mark.parametrize(
    ("language", "net", "early"),
    [
        ("en", "7 days net", "2 % in 10 days, 30 days net"),
        ("de", "7 Tage netto", "2 % Skonto binnen 10 Tagen, 30 Tage netto"),
        ("fr", "7 jours net", "2 % d'escompte sous 10 jours, 30 jours net"),
        ("es", "7 días netos", "2 % de descuento en 10 días, 30 días netos"),
        ("zh-hans", "发票日起 7 天内付清", "10 天内付款优惠 2 %，发票日起 30 天内付清"),
    ],
)
def test_payment_terms_are_worded_by_their_days(language: str, net: str, early: str) -> None:
    """Whatever they are called; one with a deposit keeps its name."""
    say = Wording(language)
    assert say.term(PaymentTerm(name="A week", days=7)) == net
    assert say.term(PaymentTerm(name="Soon", days=30, discount_percent=Decimal("2.00"), discount_days=10)) == early
    assert say.term(PaymentTerm(name="30 % first", days=30, order_percent=Decimal(30))) == "30 % first"


def test_a_term_of_one_day_or_none() -> None:
    assert [Wording("de").term(PaymentTerm(name="-", days=days)) for days in (0, 1)] == ["Sofort fällig", "1 Tag netto"]


def test_the_country_of_an_own_address_is_named_in_the_readers_language() -> None:
    """By its name in any of the languages or its code; a last line that names no country stays."""
    mill = "ul. Meblowa 7\n61-003 Poznań\n"
    assert own_lines(f"{mill}Poland", Wording("de")) == ["ul. Meblowa 7", "61-003 Poznań", "Polen"]
    named = [own_lines(mill + one, Wording("fr"))[-1] for one in ("polen", "PL", "波兰", "Mill quarter")]
    assert named == ["Pologne", "Pologne", "Pologne", "Mill quarter"]


def test_a_unit_without_a_word_keeps_its_code_and_yen_have_no_decimals() -> None:
    say = Wording("de")
    assert say.quantity(Decimal(3), "BOX") == "3 BOX"
    assert say.money(Decimal(12500), Currency(code="JPY", decimals=0)) == "12.500 JPY"
    assert say.price(Decimal("0.012500"), Currency(code="EUR", decimals=2)) == "0,0125"


def test_the_first_language_that_is_known_speaks() -> None:
    assert wording("", "fr", "de").language == "fr"
    assert wording("xx", "", "de").language == "de"
    assert wording("", "").language == "en"
