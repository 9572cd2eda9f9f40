"""Migrations that render less end in the very schema that Django's own way ends in."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.crew import database_url

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
    assert len(ours["columns"]) > 2000


def _rows(cursor: object, query: str) -> list[tuple[object, ...]]:
    cursor.execute(query)  # type: ignore[attr-defined]
    return sorted(cursor.fetchall(), key=repr)  # type: ignore[attr-defined]
