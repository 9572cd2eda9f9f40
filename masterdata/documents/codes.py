"""Codes that a scanner or a banking app reads, as SVG for a document."""

from __future__ import annotations

import io
from decimal import Decimal

import segno
from segno import helpers

from masterdata import barcode
from masterdata.iban import WrongIban, checked_iban


def qr(text: str) -> str:
    """A QR code with a fair amount of error correction: travellers get dusty."""
    return _svg(segno.make_qr(text, error="q"))


def _svg(code: segno.QRCode) -> str:
    out = io.BytesIO()
    code.save(out, kind="svg", border=1, xmldecl=False, omitsize=True)
    return out.getvalue().decode()


def code128(text: str) -> str:
    """A bar code that fills the place it is given."""
    black, width = barcode.bars(text)
    rects = "".join(f'<rect x="{x}" width="{w}" height="40"/>' for x, w in black)
    box = f'viewBox="0 0 {width} 40" width="{width}" height="40" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{rects}</svg>'


def payment_qr(*, name: str, iban: str, bic: str, amount: Decimal, text: str) -> str:
    """The European Payments Council's code for a SEPA transfer in euros (EPC069-12); empty when it can't be made."""
    try:
        iban = checked_iban(iban)
        code = helpers.make_epc_qr(
            name=name[:70], iban=iban, bic=bic or None, amount=amount, text=text[:140], encoding="utf-8"
        )
    except (WrongIban, ValueError):
        return ""
    return _svg(code)
