"""A new company: its first plant, and its books."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm import services as crm
from erp import services as erp
from masterdata import services as masterdata
from masterdata.models import Plant


@transaction.atomic
def found_company(
    *,
    code: str,
    name: str,
    currency_code: str,
    plant_code: str,
    plant_name: str,
    time_zone: str,
    now: dt.datetime,
) -> Plant:
    """Company, plant with calendar, warehouse and locations, and open books of last, this and next year;
    what confirmed orders lack is ordered by itself up to the usual limit, and customers are told of moved dates by the
    usual rules.

    Raises InvalidInput with every finding; nothing is made then.
    """
    company = masterdata.found_company(code=code, name=name, currency_code=currency_code)
    plant = masterdata.found_plant(company=company, code=plant_code, name=plant_name, time_zone=time_zone)
    for year in (now.year - 1, now.year, now.year + 1):
        erp.open_books(company=company, year=year)
    erp.open_buying(plant=plant)
    crm.found_notice_rules(company_id=company.pk)
    return plant
