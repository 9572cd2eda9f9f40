"""Servers of one's own: are DATABASE_URL and REDIS_URL right, and if not, what to do."""

import os

import psycopg
import redis

from suite.stack import processes

OLDEST = 150000


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
    except psycopg.Error as error:
        processes.refuse(f"The database that DATABASE_URL names cannot be used: {str(error).strip()}\n{advice}")
    if version < OLDEST:
        processes.refuse(
            f"The server that DATABASE_URL names is PostgreSQL {version // 10000}; Throughline needs 15 or newer.\n"
            "Upgrade it, or unset DATABASE_URL to use the PostgreSQL that comes with Throughline."
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
