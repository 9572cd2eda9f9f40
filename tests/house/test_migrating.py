"""Migrations that render less end in the very schema that Django's own way ends in.

Django's way takes minutes. What it ended in is kept beside this module with the migrations and the versions that it was
made of: as long as those are the same, it is compared with that. `THROUGHLINE_PIN=1` makes it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests import database
from tests.crew import database_url

Schema = dict[str, list[tuple[object, ...]]]
PINNED = Path(__file__).with_name("djangos_schema.json")
NAME = "migrated_djangos_way"
DJANGOS_WAY = """
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), verbosity=0, interactive=False, skip_checks=True)
"""
SCHEMA = {
    "columns": """SELECT table_name, column_name, ordinal_position, data_type, column_default, is_nullable, udt_name,
        numeric_precision, numeric_scale, character_maximum_length, is_identity, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger
        WHERE NOT tgisinternal""",
    "functions": """SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    "comments": "SELECT objoid::regclass::text, objsubid, description FROM pg_description "
    "WHERE classoid = 'pg_class'::regclass AND objoid > 16384",
    "permissions": """SELECT c.app_label, c.model, p.codename FROM auth_permission p
        JOIN django_content_type c ON c.id = p.content_type_id""",
}


@pytest.mark.long
@pytest.mark.django_db
def test_the_schema_is_the_one_that_django_makes() -> None:
    ours = {name: _rows(connection.cursor(), query) for name, query in SCHEMA.items()}
    assert len(ours["columns"]) > 2000
    known = json.loads(PINNED.read_text()) if PINNED.exists() and not os.environ.get("THROUGHLINE_PIN") else {}
    if known.get("of") == _of():
        assert known["schema"] == _digests(ours)
        return
    _compare(ours)
    if os.environ.get("THROUGHLINE_PIN"):
        PINNED.write_text(json.dumps({"of": _of(), "schema": _digests(ours)}, indent=1) + "\n")


def _of() -> str:
    """What decides how Django's way ends: every migration, ours and of packages, Django, the server."""
    sum_ = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    sum_.update(str(connection.cursor().connection.info.server_version).encode())
    for app in database.APPS:
        for path in sorted((settings.BASE_DIR / app / "migrations").glob("*.py")):
            sum_.update(path.name.encode() + path.read_bytes())
    return sum_.hexdigest()


def _digests(schema: Schema) -> dict[str, str]:
    return {name: hashlib.sha256(repr(rows).encode()).hexdigest() for name, rows in schema.items()}


def _compare(ours: Schema) -> None:
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{NAME}"))
    with psycopg.connect(database_url(), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            subprocess.run(
                [sys.executable, "-c", DJANGOS_WAY], env=os.environ | {"DATABASE_URL": url}, cwd=settings.BASE_DIR,
                check=True, timeout=900,
            )  # fmt: skip
            with psycopg.connect(url) as theirs:
                for name, query in SCHEMA.items():
                    assert ours[name] == _rows(theirs.cursor(), query), name
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _rows(cursor: object, query: str) -> list[tuple[object, ...]]:
    cursor.execute(query)  # type: ignore[attr-defined]
    return sorted(cursor.fetchall(), key=repr)  # type: ignore[attr-defined]
