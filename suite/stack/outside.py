"""Servers of one's own: are DATABASE_URL and REDIS_URL right, and if not, what to do."""

import os

import psycopg
import redis

from suite.stack import processes

OLDEST = 150000
_STATE = """
    SELECT current_database(), pg_encoding_to_char(encoding),
        to_regclass('public.django_migrations') IS NOT NULL OR has_schema_privilege('public', 'CREATE')
    FROM pg_database WHERE datname = current_database()
"""


def check() -> None:
    """Refuse with a sentence when a server that the environment names is not of use."""
    if url := os.environ.get("DATABASE_URL"):
        _check_database(url)
    if url := os.environ.get("REDIS_URL"):
        _check_broker(url)


def _check_database(url: str) -> None:
    advice = (
        "DATABASE_URL should look like postgresql://account:password@host:5432/database, the database made before.\n"
        "Unset it to use the PostgreSQL that comes with Throughline."
    )
    if not url.startswith(("postgresql://", "postgres://")):
        processes.refuse(f"DATABASE_URL does not name a PostgreSQL database.\n{advice}")
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
            found = connection.execute(_STATE).fetchone()
    except psycopg.Error as error:
        processes.refuse(f"The database that DATABASE_URL names cannot be used: {str(error).strip()}\n{advice}")
    if version < OLDEST:
        processes.refuse(
            f"The server that DATABASE_URL names is PostgreSQL {version // 10000}; Throughline needs 15 or newer.\n"
            "Upgrade it, or unset DATABASE_URL to use the PostgreSQL that comes with Throughline."
        )
    name, encoding, may_create = found or ("", "UTF8", True)
    if encoding != "UTF8":
        processes.refuse(
            f"The database {name} keeps its text in {encoding}, which has no room for every name.\n"
            f"Make it anew: CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0;"
        )
    if not may_create and not os.environ.get("DATABASE_OWNER_URL"):
        processes.refuse(
            f"The account of DATABASE_URL may not make tables in the database {name}.\n"
            f"As its owner: GRANT CREATE ON SCHEMA public TO the account; or ALTER DATABASE {name} OWNER TO it;\n"
            "or name an account that may in DATABASE_OWNER_URL."
        )


def one_role() -> str:
    """A warning when the application's account also owns the tables: then it could change what was posted."""
    if not os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_OWNER_URL"):
        return ""
    return (
        "warning: one database account owns the tables and runs the application. Give migrations an account of their "
        "own in DATABASE_OWNER_URL, and the ledger is out of the application's reach (docs/running.md)"
    )


def _check_broker(url: str) -> None:
    advice = (
        "REDIS_URL should look like redis://:password@host:6379/0.\n"
        "Unset it to use the Valkey that comes with Throughline."
    )
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        processes.refuse(f"The broker that REDIS_URL names cannot be used: {error}\n{advice}")
