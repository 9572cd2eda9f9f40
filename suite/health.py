"""Liveness and readiness, for load balancers, orchestrators and `up` itself."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from crm import selectors as crm_now


def healthz(_request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """This process can do its work: database, migrations. A missing broker only slows it: flows wait in PostgreSQL."""
    database = _database()
    broker = _broker()
    status = "ok" if broker == "ok" else "degraded"
    if database != "ok":
        status = "unavailable"
    answer = {"status": status, "database": database, "broker": broker, "mail": _mail() if database == "ok" else ""}
    return JsonResponse(answer, status=503 if status == "unavailable" else 200)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "not reached"
    if not missing:
        return "ok"
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in missing[:5])
    return f"migrations not applied: {names}"


def _mail() -> str:
    """Whether what is written leaves the house and what is answered comes in; the rest of the house works without."""
    if not settings.SMTP_URL:
        return "no mail server is set up: mail waits"
    silent = crm_now.silent_mailboxes()
    return f"not read: {', '.join(silent)}" if silent else "ok"


def _broker() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "not reached"
    return "ok"
