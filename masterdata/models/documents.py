"""Legal documents as they were issued: byte for byte what the partner got."""

from __future__ import annotations

import pgtrigger
from django.db import models

from masterdata.models.fields import CodeField
from masterdata.models.languages import Language
from masterdata.models.places import Company


class IssuedDocument(models.Model):
    """The PDF of a legal document in one language, set once and kept: later prints give these bytes again."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"
        DUNNING_LETTER = "dunning_letter", "Dunning letter"
        QUOTATION = "quotation", "Quotation"
        SIGNED_QUOTATION = "signed_quotation", "Signed quotation"

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    number = CodeField()
    language = models.CharField(max_length=8, choices=Language)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_issued_document_per_number", fields=["company", "kind", "number", "language"]
            )
        ]
        triggers = [
            pgtrigger.Protect(name="issued_documents_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
