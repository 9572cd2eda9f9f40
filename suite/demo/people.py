"""Who works in the demo factory: one log-in per role, and the people on the floor."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from masterdata import accounts
from masterdata.models import Employee, User
from suite.demo.factory import Demo

PASSWORD = "throughline"  # noqa: S105 (the demo's, printed at every start)
# user name, first and last name, role, plant (empty: all)
PEOPLE = [
    ("sara", "Sara", "Lang", "sales", ""),
    ("selma", "Selma", "Berg", "sales_lead", ""),
    ("pavel", "Pavel", "Novak", "planner", ""),
    ("petra", "Petra", "Kania", "planner", ""),
    ("liwei", "Li", "Wei", "operator", "DG"),
    ("zhaomin", "Zhao", "Min", "shift_lead", "DG"),
    ("berta", "Berta", "Kowal", "buyer", ""),
    ("wanda", "Wanda", "Zielinska", "warehouse", ""),
    ("anna", "Anna", "Brandt", "accountant", ""),
    ("boris", "Boris", "Adler", "accountant", ""),
    ("quentin", "Quentin", "Roy", "quality", ""),
    ("marek", "Marek", "Wolski", "maintenance", ""),
    ("admin", "Ada", "Minh", "admin", ""),
    ("machines", "Machine", "Gateway", "integration", ""),
    ("otto", "Otto", "Weiss", "auditor", ""),
]
OPERATORS = {
    "DG": ["Chen Jing", "Wang Fang", "Liu Yang", "Huang Lei", "Zhou Ping", "Wu Hao", "Xu Lan", "Sun Tao"],
    "PZ": ["Ewa Nowak", "Piotr Zając", "Ola Lis", "Jan Wilk", "Kasia Duda", "Tomek Kot"],
}


def hire(demo: Demo) -> dict[str, User]:
    """Make the log-ins and employees; returns the users by name."""
    users = {}
    hashed = make_password(PASSWORD)  # once: it is made to be slow
    for name, first, last, role, plant in PEOPLE:
        users[name] = accounts.create_user(
            username=name,
            first_name=first,
            last_name=last,
            email=f"{name}@fjord.example",
            roles=[accounts.Role(role, demo.company, demo.plants[plant] if plant else None)],
        )
        users[name].password = hashed
    User.objects.bulk_update(users.values(), ["password"])
    number = 0
    for plant, names in OPERATORS.items():
        for name in names:
            number += 1
            Employee.objects.create(
                code=f"E{number:03d}", name=name, badge=f"B{1000 + number}", plant=demo.plants[plant]
            )
    for user, plant in (("liwei", "DG"), ("zhaomin", "DG")):
        number += 1
        Employee.objects.create(
            code=f"E{number:03d}",
            name=users[user].get_full_name(),
            badge=f"B{1000 + number}",
            plant=demo.plants[plant],
            user=users[user],
        )
    return users


def log_ins() -> str:
    """The table that `up` prints."""
    rows = [f"  {name:<10} {role.replace('_', ' ')}" for name, _, _, role, _ in PEOPLE]
    pins = "At the tablets everybody's PIN is the number on the badge: Li Wei 1015, Zhao Min (shift lead) 1016."
    return "\n".join([f"Log-ins, password {PASSWORD}:", *rows, pins])
