"""Code 128 bar codes as SVG: what a scanner types when it reads a label. Standard: ISO/IEC 15417, code set B."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# Widths of bar, space, bar, space, bar, space per symbol value; 104 begins code set B, 106 ends.
_PATTERNS = """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
    113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
    212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
    113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
    314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
    241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
    214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
    211232 2331112
"""
_WIDTHS = tuple(_PATTERNS.split())
_START_B, _STOP = 104, 106
_QUIET = 10
"""Modules that stay white on each side; the standard asks for ten."""


def symbols(text: str) -> list[int]:
    """The symbol values with start, check and stop. What code set B does not know is left out."""
    values = [ord(letter) - 32 for letter in text if 32 <= ord(letter) <= 126]
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % 103
    return [_START_B, *values, check, _STOP]


def bars(text: str) -> tuple[list[tuple[int, int]], int]:
    """Left edge and width of each black bar, and the whole width, in modules."""
    found, at = [], _QUIET
    for value in symbols(text):
        for place, width in enumerate(map(int, _WIDTHS[value])):
            if place % 2 == 0:
                found.append((at, width))
            at += width
    return found, at + _QUIET


def drawn(text: str, height: int = 40) -> SafeString:
    """An SVG that fills the width of where it stands."""
    black, width = bars(text)
    rects = mark_safe("".join(f'<rect x="{x}" width="{w}" height="{height}"/>' for x, w in black))  # noqa: S308 (digits)
    box = f"0 0 {width} {height}"
    return format_html(
        '<svg class="barcode" viewBox="{}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        box,
        text,
        rects,
    )
