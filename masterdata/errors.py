"""Refusals: what a person can cause, said in a sentence that tells what to do."""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """A deed that the rules do not allow now.

    `code` is stable and part of the REST contract, `sentence` is shown to people, `field` names the input it belongs
    to, `values` carries what an integration needs to decide (ids, quantities as strings).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, sentence: str, *, field: str = "", **values: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.values = values


class StaleVersion(Refusal):
    """Somebody changed the document meanwhile; nothing was written."""

    code = "stale_version"
    status = 412


class InvalidInput(Refusal):
    """A value that can't be meant; names the field and what was expected."""

    code = "invalid_input"
    status = 400


class NotAllowed(Refusal):
    """The person or key lacks the right for this deed."""

    code = "not_allowed"
    status = 403
