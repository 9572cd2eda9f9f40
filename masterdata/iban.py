"""International bank account numbers: checked by their own digits (ISO 13616, mod 97 = 1)."""

from __future__ import annotations

import re
from typing import ClassVar

from masterdata.errors import InvalidInput

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


class WrongIban(InvalidInput):
    """The number cannot be an account."""

    code: ClassVar[str] = "wrong_iban"


def checked_iban(text: str, field: str = "iban") -> str:
    """The number in capitals without spaces. Raises WrongIban when its check digits do not fit."""
    iban = "".join(text.split()).upper()
    turned = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4]) if _SHAPE.fullmatch(iban) else "0"
    if int(turned) % 97 != 1:
        raise WrongIban(f"{iban} is no account number: compare it with the paper, digit by digit.", field=field)
    return iban
