"""Employees, skills, reason codes; users, memberships and keys (for the administrator) over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata import accounts, keys
from masterdata.access import may
from masterdata.api.deeds import deed
from masterdata.api.lists import Filters
from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.api.serializers import Row
from masterdata.models import ApiKey, Employee, EmployeeSkill, LabourGrade, Membership, ReasonCode, Skill, User


class SkillRow(Row):
    class Meta:
        model = Skill
        fields = ("id", "code", "name")


class GradeRow(Row):
    class Meta:
        model = LabourGrade
        fields = ("id", "code", "name")


class EmployeeRow(Row):
    skills = serializers.PrimaryKeyRelatedField(queryset=Skill.objects.all(), many=True, required=False)

    class Meta:
        model = Employee
        fields = (
            "id", "code", "name", "badge", "plant", "user", "skills", "grade", "pay", "calendar", "shift_name",
            "is_active",
        )  # fmt: skip
        needs = {"badge": "masterdata.edit_employee", "user": "masterdata.manage_users"}


class EmployeeSkillRow(Row):
    class Meta:
        model = EmployeeSkill
        fields = ("id", "employee", "skill", "level", "valid_until")


class ReasonRow(Row):
    class Meta:
        model = ReasonCode
        fields = ("id", "code", "name", "kind")


class MembershipRow(Row):
    class Meta:
        model = Membership
        fields = ("id", "user", "role", "company", "plant")


class FirstRole(Row):
    """A role given together with the log-in."""

    class Meta:
        model = Membership
        fields = ("role", "company", "plant")


class UserRow(Row):
    """A log-in; the password is written and never read."""

    password = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=128)
    memberships = FirstRole(many=True)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_active",
            "last_login",
            "password",
            "memberships",
        )
        read_only_fields = ("last_login",)
        fixed = ("username", "memberships")


class KeyRow(Row):
    class Meta:
        model = ApiKey
        fields = ("id", "user", "name", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at")
        read_only_fields = ("prefix", "last_used_at", "revoked_at")


class IssuedKeyRow(KeyRow):
    """A key as it is answered once, when it is issued: `token` is what its holder sends, and is kept nowhere."""

    token = serializers.CharField(read_only=True)

    class Meta:
        model = ApiKey
        fields = ("id", "user", "name", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at", "token")


class Skills(EditableRows):
    """What people are trained for."""

    queryset = Skill.objects.all()
    serializer_class = SkillRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_employee"
    filterset_fields = ("code",)


class LabourGrades(EditableRows):
    """What people's hours are paid and costed as; what an hour costs is a rate of the plant."""

    queryset = LabourGrade.objects.all()
    serializer_class = GradeRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_employee"
    filterset_fields = ("code",)


class EmployeeFilters(Filters):
    def filter_queryset(self, queryset: QuerySet[Employee]) -> QuerySet[Employee]:
        if self.form.cleaned_data.get("badge") and not may(self.request.user, "masterdata.edit_employee"):
            return queryset.none()
        return super().filter_queryset(queryset)

    class Meta:
        model = Employee
        fields = ("plant", "code", "badge", "is_active")


class Employees(EditableRows):
    """People on the floor and in the office. A badge logs its owner in at a tablet: only who edits people sees it, or
    finds somebody by it."""

    queryset = Employee.objects.prefetch_related("skills")
    serializer_class = EmployeeRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_employee"
    filterset_class = EmployeeFilters
    search_fields = ("code", "name")


class EmployeeSkills(EditableRows):
    """What people are trained for: how far, and the last day on which it holds."""

    queryset = EmployeeSkill.objects.order_by("pk")
    serializer_class = EmployeeSkillRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_employee"
    filterset_fields: Any = {"employee": ["exact"], "skill": ["exact"], "level": ["exact"], "valid_until": ["lte"]}


class ReasonCodes(EditableRows):
    """Why: of downtime, scrap, pauses."""

    queryset = ReasonCode.objects.all()
    serializer_class = ReasonRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_reason"
    filterset_fields = ("kind", "code")


class Users(EditableRows):
    """Log-ins. They are switched off, never deleted: what they did stays theirs."""

    queryset = User.objects.prefetch_related("memberships").order_by("username")
    serializer_class = UserRow
    view_deed = edit_deed = "masterdata.manage_users"
    http_method_names = ["get", "post", "patch", "head"]
    filterset_fields = ("username", "is_active")
    search_fields = ("username", "first_name", "last_name", "email")

    def make(self, values: dict[str, Any]) -> User:
        roles = [accounts.Role(one["role"], one["company"], one.get("plant")) for one in values.pop("memberships")]
        values.pop("is_active", None)
        return accounts.create_user(roles=roles, **values)

    def change(self, row: User, values: dict[str, Any], expected_version: int | None) -> User:
        return accounts.change_user(user_id=row.pk, by=self.caller(), **values)


class Memberships(EditableRows):
    """Who holds which role where. Given and taken, never changed; nobody's own."""

    queryset = Membership.objects.all()
    serializer_class = MembershipRow
    view_deed = edit_deed = "masterdata.manage_users"
    http_method_names = ["get", "post", "delete", "head"]
    filterset_fields = ("user", "role", "company", "plant")

    def make(self, values: dict[str, Any]) -> Membership:
        role = accounts.Role(values["role"], values["company"], values.get("plant"))
        return accounts.grant_role(user=values["user"], role=role, by=self.caller())

    def remove(self, row: Membership, expected_version: int | None) -> None:
        accounts.withdraw_role(membership_id=row.pk, by=self.caller())


class ApiKeys(ReadableRows):
    """Keys of integrations. The secret is in the answer that issues it and nowhere else."""

    queryset = ApiKey.objects.order_by("pk")
    serializer_class = KeyRow
    view_deed = "masterdata.manage_users"
    permissions = {"create": "masterdata.manage_users"}
    filterset_fields = ("user", "prefix")
    keyless = frozenset({"create"})

    def get_serializer_class(self) -> Any:
        return IssuedKeyRow if self.action == "create" else KeyRow

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Issue a key. Its answer is not kept for a twin: a secret is never stored."""
        values = self.taken(KeyRow)
        issued = keys.issue_key(now=timezone.now(), **values)
        return Response(self.get_serializer(issued.key).data | {"token": issued.token}, status=201)

    @deed("masterdata.manage_users")
    def revoke(self, request: Request, pk: str) -> Response:
        """From now on the key opens nothing."""
        return self.answer(keys.revoke_key(key_id=self.get_object().pk, now=timezone.now()))


VIEWSETS: list[tuple[str, Any]] = [
    ("skills", Skills),
    ("employee-skills", EmployeeSkills),
    ("labour-grades", LabourGrades),
    ("employees", Employees),
    ("reason-codes", ReasonCodes),
    ("users", Users),
    ("memberships", Memberships),
    ("api-keys", ApiKeys),
]
