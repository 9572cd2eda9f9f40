"""Log-ins and their roles: who is let in, and who may give which rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from masterdata import rights
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company, Membership, Plant, User


class OwnRights(Refusal):
    """Nobody gives rights to, or takes them from, themselves."""

    code = "own_rights"


@dataclass(frozen=True, slots=True)
class Role:
    """A role in a company, for one plant or (None) all of its plants."""

    name: str
    company: Company
    plant: Plant | None = None


@transaction.atomic
def create_user(
    *,
    username: str,
    roles: Sequence[Role],
    password: str = "",
    email: str = "",
    first_name: str = "",
    last_name: str = "",
) -> User:
    """A log-in with at least one role. Without a password nobody can log in with it: it serves keys only."""
    if not roles:
        raise InvalidInput("Give at least one role: a user without one can see nothing.", field="memberships")
    user = User(username=username, email=email, first_name=first_name, last_name=last_name)
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise InvalidInput("This user name is taken.", field="username") from None
    for role in roles:
        grant_role(user=user, role=role, by=None)
    return user


@transaction.atomic
def change_user(
    *, user_id: int, by: User | None, password: str | None = None, is_active: bool | None = None, **names: str
) -> User:
    """New names, password or state of a log-in. Nobody switches off their own."""
    user = User.objects.order_by("pk").select_for_update().get(pk=user_id)
    if is_active is not None:
        if by is not None and by.pk == user.pk and not is_active:
            raise OwnRights("Nobody switches off their own log-in. Ask another administrator.")
        user.is_active = is_active
    for name in names.keys() & {"email", "first_name", "last_name"}:
        setattr(user, name, names[name])
    if password is not None:
        _set_password(user, password)
    user.save()
    return user


@transaction.atomic
def grant_role(*, user: User, role: Role, by: User | None) -> Membership:
    """Give a role. `by` is who gives it: never to themselves."""
    if by is not None and by.pk == user.pk:
        raise OwnRights("Nobody gives rights to themselves. Ask another administrator.")
    if role.name not in rights.roles():
        known = ", ".join(sorted(rights.roles()))
        raise InvalidInput(f"There is no role called {role.name}. Roles are: {known}.", field="role")
    if role.plant is not None and role.plant.company_id != role.company.pk:
        raise InvalidInput(f"Plant {role.plant} belongs to another company.", field="plant")
    membership, _made = Membership.objects.get_or_create(
        user=user, role=role.name, company=role.company, plant=role.plant
    )
    return membership


@transaction.atomic
def withdraw_role(*, membership_id: int, by: User | None) -> None:
    """Take a role away. `by` is who takes it: never from themselves."""
    membership = Membership.objects.order_by("pk").select_for_update().get(pk=membership_id)
    if by is not None and by.pk == membership.user_id:
        raise OwnRights("Nobody changes their own rights. Ask another administrator.")
    membership.delete()


def _set_password(user: User, password: str) -> None:
    if not password:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from None
    user.set_password(password)
