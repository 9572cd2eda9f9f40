"""Lines written before discounts and taxes: their price is what is asked, their tax as on their paper."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from masterdata.numbers import tax_shares


def fill(apps: Any, schema_editor: Any) -> None:
    quotations, rows = (apps.get_model("crm", name).objects for name in ("Quotation", "QuotationLine"))
    rates = dict(apps.get_model("masterdata", "TaxCode").objects.values_list("pk", "rate_percent"))
    rows.update(discounted_price=models.F("unit_price"))
    quotations.update(changed_by=models.F("made_by"))
    for quotation in quotations.select_related("customer", "currency").order_by("pk").iterator():
        lines = list(rows.filter(quotation=quotation).select_related("material").order_by("line_no"))
        for line in lines:
            line.tax_code_id = quotation.customer.tax_code_id or line.material.tax_code_id
        nets = [(line.tax_code_id, line.net_amount) for line in lines]
        for line, tax in zip(lines, tax_shares(nets, rates, quotation.currency.decimals), strict=True):
            line.tax_amount = tax
        rows.bulk_update(lines, ["tax_code", "tax_amount"])


class Migration(migrations.Migration):
    dependencies = [("crm", "0021_quotation_terms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
