"""Log lines: structured, with the correlation id of the request or task they belong to."""

from typing import Any

import structlog


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING: JSON lines for machines, short ones for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [_without_clutter, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{app: {"level": level} for app in ("masterdata", "erp", "crm", "aps", "mes", "suite")},
            # Warns of each browser that closes its live stream, which is what browsers do.
            "django_structlog": {"level": "ERROR"},
            # Warns of statements that are not run because one before them in the same round trip has failed.
            "psycopg": {"level": "ERROR"},
            "psycopg.pool": {"level": "WARNING"},
            # Says the same as django_structlog's request_failed, a second time.
            "django.request": {"level": "ERROR"},
        },
    }


def _without_clutter(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """People at a terminal have the process's name and the time in front of each line already."""
    event.pop("timestamp", None)
    return event
