"""Imports over REST: upload files, see what they would do or what is wrong, import them, watch, cancel."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import DataImport, DataImportCount, DataImportFault, DataImportFile, DataImportTable, Plant
from suite.importing import uploads
from suite.importing.uploads import IMPORT


class UploadBody(Body):
    """One or several files (`files`, multipart), and the plant that takes what is in them."""

    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1)
    plant = Visible(queryset=Plant.objects.all())
    shift_days = serializers.IntegerField(required=False, default=0)


class FileRow(Row):
    class Meta:
        model = DataImportFile
        fields = ("name", "size", "sha256")


class TableRow(Row):
    class Meta:
        model = DataImportTable
        fields = ("name", "source", "rows", "sample")


class CountRow(Row):
    class Meta:
        model = DataImportCount
        fields = ("entity", "created", "changed", "unchanged")


class FaultRow(Row):
    class Meta:
        model = DataImportFault
        fields = ("id", "run", "file", "row", "column", "value", "expected")


class ImportRow(Row):
    """`counts` say what the import would do, and once it is `done` what it did. `stage`: what the worker is at."""

    files = FileRow(many=True)
    tables = TableRow(many=True)
    counts = CountRow(many=True)

    class Meta:
        model = DataImport
        fields = (
            "id", "plant", "state", "shift_days", "uploaded_by", "uploaded_at", "imported_by", "asked_at",
            "cancel_requested_by", "cancel_requested_at", "started_at", "ended_at", "stage", "done", "total",
            "fault_count", "note", "version", "files", "tables", "counts",
        )  # fmt: skip


class DataImports(ReadableRows):
    """Files that were uploaded, with what became of them."""

    queryset = DataImport.objects.prefetch_related("files", "tables", "counts")
    serializer_class = ImportRow
    view_deed = IMPORT
    filterset_fields = ("state", "plant")
    ordering_fields = ("id", "uploaded_at")
    parser_classes = [MultiPartParser, JSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Files go to disk as they come; the body is not read whole."""
        self.reads_body = self.action != "create"
        super().initial(request, *args, **kwargs)

    def fingerprint(self, request: Request) -> str:
        """SHA-256 of what was sent: a form's boundary differs each time, its files do not."""
        if self.action != "create":
            return super().fingerprint(request)
        digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
        for name, values in sorted(request._request.POST.lists()):
            digest.update(f"{name}={values}\n".encode())
        for file in request._request.FILES.getlist("files"):
            digest.update(f"{file.name} {file.size}\n".encode())
            for content in file.chunks():
                digest.update(content)
        return digest.hexdigest()

    @creates(IMPORT, takes=UploadBody, gives=ImportRow)
    def create(self, request: Request) -> Response:
        body = self.taken(UploadBody)
        run = uploads.upload_files(by=self.caller(), now=timezone.now(), **body)
        return self.answer(run, status=201)

    @deed(IMPORT, path="import")
    def import_now(self, request: Request, pk: str) -> Response:
        run = uploads.import_files(
            import_id=self.get_object().pk,
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(run)

    @deed(IMPORT)
    def check_again(self, request: Request, pk: str) -> Response:
        return self.answer(uploads.check_again(import_id=self.get_object().pk, by=self.caller(), now=timezone.now()))

    @deed(IMPORT)
    def cancel(self, request: Request, pk: str) -> Response:
        return self.answer(uploads.cancel_import(import_id=self.get_object().pk, by=self.caller(), now=timezone.now()))


class ImportFaults(ReadableRows):
    """Faults: which file, row and column, what stands there and what was expected. Filter by `run`."""

    queryset = DataImportFault.objects.all()
    serializer_class = FaultRow
    view_deed = IMPORT
    filterset_fields = ("run", "file", "column")
    search_fields = ("value", "expected")
    ordering_fields = ("id", "file", "row")


router = SimpleRouter()
router.register("masterdata/imports", DataImports, "import")
router.register("masterdata/import-faults", ImportFaults, "import-fault")
urlpatterns = router.urls
