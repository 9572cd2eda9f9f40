"""Pages of people: log-ins with their roles and keys; giving and taking both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import accounts, keys
from masterdata.access import visible_to
from masterdata.models import ApiKey, Company, Membership, Plant, User
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
    When,
)
from suite.roles import LABELS

MANAGE = "masterdata.manage_users"


def roles_in_words(user: Any) -> str:
    """ "Sales, Planner in Dongguan"."""
    told = [
        _("%(role)s in %(plant)s") % {"role": LABELS.get(one.role, one.role), "plant": one.plant.name}
        if one.plant
        else str(LABELS.get(one.role, one.role))
        for one in user.memberships.all()
    ]
    return ", ".join(told)


def state_of(user: Any) -> tuple[str, str]:
    return ("active", _("Active")) if user.is_active else ("inactive", _("Switched off"))


class HasRole(Choice):
    """Users with one of the roles, each once."""

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        wanted = self.wanted(asked)
        held = Membership.objects.filter(user=OuterRef("pk"), role__in=wanted)
        return rows.filter(Exists(held)) if wanted else rows


class Users(ListPage):
    """Who may log in, as what."""

    permission = MANAGE
    title, question = _l("Users and roles"), _l("Who may log in, and as what?")
    columns = [
        Code("username", _l("Name"), sort="username", link=True, css="w-1"),
        Column("get_full_name", _l("Person"), sort="last_name", empty=_l("Not a person")),
        Column(roles_in_words, _l("Roles"), css="wide", empty=_l("None: sees nothing")),
        Column("email", _l("E-mail"), sort="email", empty=_l("Not known")),
        Number("key_count", _l("Keys"), sort="key_count"),
        When("last_login", _l("Last log-in"), sort="last_login", empty=_l("Never")),
        State(lambda row: state_of(row)[0], _l("State"), word=lambda row: state_of(row)[1]),
    ]
    search_fields = ["username", "first_name", "last_name", "email"]
    filters = [
        HasRole("role", _l("Role"), choices=list(LABELS.items())),
        Flag("off", _l("Switched off"), condition=Q(is_active=False)),
    ]
    order_by = "username"
    empty = Empty(_l("Nobody yet"), _l("Make the first log-in."), "user-shield")

    def get_rows(self) -> QuerySet[User]:
        rows = visible_to(self.request.user, User.objects.all(), MANAGE).prefetch_related("memberships__plant")
        return rows.annotate(key_count=Count("api_keys", filter=Q(api_keys__revoked_at=None), distinct=True))

    def get_url(self, row: User) -> str:
        return reverse("suite:user", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Set up a company"), reverse("suite:company_create"), "building-factory-2", MANAGE),
            Action(_("New user"), reverse("suite:user_create"), "plus", MANAGE, is_main=True),
        ]


class UserPage(DetailPage):
    """One log-in: its roles and its keys."""

    permission = MANAGE

    def get_rows(self) -> QuerySet[User]:
        rows = visible_to(self.request.user, User.objects.all(), MANAGE)
        return rows.prefetch_related("memberships__plant", "memberships__company", "api_keys")

    def get_title(self, row: Any) -> Any:
        return row.username

    def get_subtitle(self, row: Any) -> Any:
        return row.get_full_name()

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Users and roles"), reverse("suite:users")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return state_of(row)

    def get_cards(self, row: Any) -> Sequence[Card]:
        person = [
            Column("get_full_name", _("Person"), empty=_("Not a person")),
            Column("email", _("E-mail"), empty=_("Not known")),
            When("last_login", _("Last log-in"), empty=_("Never")),
        ]
        return [Card(_("Who"), person)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        roles, found = len(row.memberships.all()), len(row.api_keys.all())
        return [
            Tab("roles", _("Roles"), template="suite/house/_roles.html", count=roles),
            Tab("keys", _("Keys"), template="suite/house/_keys.html", count=found),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        roles = [(one, LABELS.get(one.role, one.role)) for one in row.memberships.all()]
        return super().get_context_data(row) | {"roles": roles, "is_self": row.pk == self.request.user.pk}

    def get_actions(self, row: Any) -> list[Action]:
        if row.pk == self.request.user.pk:
            return []
        label = _("Switch off") if row.is_active else _("Switch on")
        url = reverse("suite:user_switch", args=[row.pk])
        sure = _("Nobody can log in with this name until it is switched on again. Go on?") if row.is_active else ""
        return [
            Action(label, url, "power", MANAGE, post=True, confirm=sure),
            Action(_("Give a role"), reverse("suite:user_grant", args=[row.pk]), "plus", MANAGE, is_main=True),
        ]


class RoleForm(forms.Form):
    """A role, and where it holds."""

    role = forms.ChoiceField(label=_l("Role"), choices=list(LABELS.items()))
    company = forms.ModelChoiceField(Company.objects.all(), label=_l("Company"))
    plant = forms.ModelChoiceField(
        Plant.objects.all(), label=_l("Plant"), required=False, help_text=_l("Empty: all plants of the company")
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("company", Company), ("plant", Plant)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = visible_to(by, model._default_manager.all(), MANAGE)

    def given(self) -> accounts.Role:
        values = self.cleaned_data
        return accounts.Role(values["role"], values["company"], values["plant"])


class UserForm(RoleForm):
    """A log-in with its first role."""

    username = forms.CharField(label=_l("Name to log in with"), max_length=150)
    password = forms.CharField(
        label=_l("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_l("Empty: nobody logs in with it; it serves keys only"),
    )
    first_name = forms.CharField(label=_l("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_l("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_l("E-mail"), required=False)
    field_order = ("username", "password", "first_name", "last_name", "email", "role", "company", "plant")


class CreateUser(CreatePage):
    """A new log-in."""

    permission, form_class, title, done_message = MANAGE, UserForm, _l("New user"), _l("Made.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"by": self.request.user}

    def get_back(self) -> tuple[Any, str]:
        return _("Users and roles"), reverse("suite:users")

    def perform(self, form: Any) -> str:
        names = ("username", "password", "first_name", "last_name", "email")
        user = accounts.create_user(roles=[form.given()], **{name: form.cleaned_data[name] for name in names})
        return reverse("suite:user", args=[user.pk])


class GrantRole(EditPage):
    """One more role."""

    permission, form_class, version_field = MANAGE, RoleForm, ""
    done_message = _l("Given.")

    def get_rows(self) -> QuerySet[User]:
        return visible_to(self.request.user, User.objects.all(), MANAGE)

    def get_title(self) -> Any:
        return _("A role for %(who)s") % {"who": self.get_object()}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().username, reverse("suite:user", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"by": self.request.user}

    def perform(self, form: Any) -> str:
        accounts.grant_role(user=self.get_object(), role=form.given(), by=self.request.user)  # type: ignore[arg-type]
        return self.get_back()[1]


class WithdrawRole(DeedView):
    """Take a role away."""

    permission, done_message = MANAGE, _l("Taken away.")

    def get_rows(self) -> QuerySet[Membership]:
        return visible_to(self.request.user, Membership.objects.all(), MANAGE)

    def perform(self, row: Membership) -> str:
        accounts.withdraw_role(membership_id=row.pk, by=self.request.user)  # type: ignore[arg-type]
        return reverse("suite:user", args=[row.user_id])


class Switch(DeedView):
    """Switch a log-in off, or on again."""

    permission = MANAGE

    def get_rows(self) -> QuerySet[User]:
        return visible_to(self.request.user, User.objects.all(), MANAGE)

    def perform(self, row: User) -> str:
        changed = accounts.change_user(user_id=row.pk, by=self.request.user, is_active=not row.is_active)  # type: ignore[arg-type]
        messages.success(self.request, _("Switched on.") if changed.is_active else _("Switched off."))
        return reverse("suite:user", args=[row.pk])


class RevokeKey(DeedView):
    """From now on the key opens nothing."""

    permission, done_message = MANAGE, _l("Revoked. It opens nothing any more.")

    def get_rows(self) -> QuerySet[ApiKey]:
        return visible_to(self.request.user, ApiKey.objects.all(), MANAGE)

    def perform(self, row: ApiKey) -> str:
        keys.revoke_key(key_id=row.pk, now=timezone.now())
        return reverse("suite:user", args=[row.user_id]) + "?tab=keys"
