"""The OpenAPI description: keys and sessions, problem details, Idempotency-Key and If-Match on each operation."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import filters, serializers

from masterdata.api.once import HEADER

APPS = ("masterdata", "erp", "crm", "aps", "mes", "suite")


class FieldProblem(serializers.Serializer):
    """One finding: which field ("lines.0.quantity"), a stable code, a sentence."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """Problem details (RFC 9457). `code` is stable; `values` carries what a program needs to decide."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]
    values = serializers.DictField(required=False)


class KeyScheme(OpenApiAuthenticationExtension):
    """How an API key is sent."""

    target_class = "masterdata.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tl_<prefix>_<secret>"}


class Schema(AutoSchema):
    """Adds to each operation what all of them have in common."""

    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if self.method == "POST":
            found.append(
                OpenApiParameter(
                    HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    required=False,
                    description="Required of API keys unless the body carries an idempotent id. One value per deed.",
                )
            )
        if self.method in ("PATCH", "DELETE") or (self.method == "POST" and "{" in self.path):
            found.append(
                OpenApiParameter(
                    "If-Match", str, OpenApiParameter.HEADER, required=False, description="The ETag of the row as read."
                )
            )
        return found

    def get_filter_backends(self) -> list[Any]:
        """Search and order are described where a list knows them."""
        knows: dict[Any, str] = {filters.SearchFilter: "search_fields", filters.OrderingFilter: "ordering_fields"}
        found = super().get_filter_backends()
        return [one for one in found if one not in knows or bool(getattr(self.view, knows[one]))]

    def get_operation_id(self) -> str:
        """mes_machine_events_create, erp_orders_confirm."""
        return super().get_operation_id().removeprefix("api_v1_").removeprefix("v1_")

    def get_serializer_name(self, serializer: Any, direction: Literal["request", "response"]) -> str:
        """MasterdataPartner, ErpOrderBody: two apps may have a row of one name."""
        kind = type(serializer)
        app = kind.__module__.split(".")[0]
        own = super().get_serializer_name(serializer, direction)
        return (
            own
            if app not in APPS or kind in (Problem, FieldProblem)
            else f"{app.capitalize()}{own.removesuffix('Row')}"
        )

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        """Whatever is not a success is a problem."""
        found = super()._get_response_bodies(direction)
        found["default"] = self._get_response_for_code(
            OpenApiResponse(Problem, description="A problem: see `code`."),
            "default",
            media_types=["application/problem+json"],
            direction=direction,
        )
        return found

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Fields that only some roles see are never required."""
        schema = super()._map_basic_serializer(serializer, direction)
        guarded = getattr(getattr(serializer, "Meta", None), "needs", {})
        if guarded and "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in guarded]
        return schema
