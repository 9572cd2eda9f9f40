"""An upload of the demo: a supplier's list with two mistakes, checked and waiting to be mended. It changes nothing."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from masterdata.models import User
from suite.demo.factory import Demo
from suite.importing import uploads, worker

SUPPLIERS = """code,name,credit_rating,preferred,active
VENEER-BOHEMIA,Bohemia Veneer,2,yes,yes
SCHLEIF-ULM,Schleifmittel Ulm,11,no,yes
LACKE-NORD,Lacke Nord,1,maybe,yes
"""


def upload_suppliers(demo: Demo, by: User) -> None:
    """The administrator uploads it, a worker finds what is wrong."""
    file = SimpleUploadedFile("suppliers.csv", SUPPLIERS.encode(), content_type="text/csv")
    run = uploads.upload_files(plant=demo.plants["PZ"], files=[file], by=by, now=demo.now)
    worker.work(import_id=run.pk, now=demo.now)
