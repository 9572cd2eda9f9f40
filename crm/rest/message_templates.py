"""Templates of messages over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import MessageTemplate
from masterdata.api.deeds import changes, creates
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row
from masterdata.models.languages import Language

EDIT = "crm.edit_template"


class MessageTemplateRow(Row):
    class Meta:
        model = MessageTemplate
        fields = (
            "id",
            "code",
            "name",
            "purpose",
            "language",
            "subject",
            "body",
            "is_active",
            "changed_at",
            "version",
        )


class MessageTemplateBody(Body):
    """Words with placeholders; what is not allowed for the purpose is refused with what there is."""

    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    purpose = serializers.ChoiceField(choices=MessageTemplate.Purpose.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(max_length=20_000)


class MessageTemplateChange(Body):
    name = serializers.CharField(max_length=80, required=False)
    subject = serializers.CharField(max_length=250, required=False)
    body = serializers.CharField(max_length=20_000, required=False)
    is_active = serializers.BooleanField(required=False)


class Templates(ReadableRows):
    """Templates of messages, one per code and language."""

    queryset = MessageTemplate.objects.all()
    serializer_class = MessageTemplateRow
    view_deed = "crm.view"
    filterset_fields: Any = ("code", "purpose", "language", "is_active")

    @creates(EDIT, takes=MessageTemplateBody, gives=MessageTemplateRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new template, or one more language of it."""
        given = self.taken(MessageTemplateBody)
        return self.answer(services.write_template(**given, now=timezone.now(), by=self.caller()), status=201)

    @changes(EDIT, takes=MessageTemplateChange, gives=MessageTemplateRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Other words, or no longer offered."""
        row, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the template's ETag as If-Match, so that nobody's change is overwritten.")
        now = {name: getattr(row, name) for name in ("name", "subject", "body", "is_active")}
        given = now | self.taken(MessageTemplateChange)
        changed = services.change_template(
            template_id=row.pk, **given, now=timezone.now(), by=self.caller(), expected_version=version
        )
        return self.answer(changed)


VIEWSETS = (("message-templates", Templates),)
