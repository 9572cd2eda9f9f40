"""Bar codes on labels."""

from __future__ import annotations

from masterdata import barcode


def test_a_code_ends_with_its_check() -> None:
    """PJJ123C in code set B: 104 + 48 + 2x42 + 3x42 + 4x17 + 5x18 + 6x19 + 7x35 = 879, which leaves 55 of 103."""
    assert barcode.symbols("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]


def test_bars_have_quiet_zones_and_eleven_modules_each() -> None:
    """Start, A, check and stop: 3 x 11 + 13 modules between two quiet zones of 10; it begins with a bar of two."""
    black, width = barcode.bars("A")
    assert width == 10 + 3 * 11 + 13 + 10
    assert black[0] == (10, 2)
    assert black[-1] == (width - 12, 2)


def test_what_the_code_does_not_know_is_left_out() -> None:
    assert barcode.symbols("Łódź-1") == barcode.symbols("d-1")
