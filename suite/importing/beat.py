"""The beat of an import: it says twice a second how far the worker is, and hears that somebody cancels it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from types import TracebackType

import structlog
from django.db import Error, connection
from django.utils import timezone

from masterdata import live
from masterdata.models import DataImport

EVERY_SECONDS = 0.5
log = structlog.get_logger(__name__)


class CancelledError(Exception):
    """Somebody has cancelled it, or another worker has taken it over: what was written is rolled back."""


class Beat:
    """Runs in a thread with its own connection. Cancelled, the worker ends at its next `say`, or in a statement."""

    def __init__(self, run: DataImport) -> None:
        self.run = run
        self.is_cancelled = False
        self._stage = ("", 0, 0)
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"import-{run.pk}", daemon=True)

    def __enter__(self) -> Beat:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is written behind it."""
        self._ended.set()
        self._thread.join()

    def say(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Where the worker is: `done` of `total`, or of an unknown total (0). Raises CancelledError."""
        self._stage = (stage[:120], done, total)
        self.refuse_cancelled()

    def refuse_cancelled(self) -> None:
        """Raises CancelledError when somebody has cancelled it."""
        if self.is_cancelled:
            raise CancelledError

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Statements of this connection are broken off when somebody cancels meanwhile."""
        connection.ensure_connection()
        with self._lock:
            self._pid = connection.connection.info.backend_pid
        try:
            yield
        finally:
            with self._lock:
                self._pid = None

    def _beat(self) -> None:
        try:
            while not self._ended.wait(EVERY_SECONDS):
                try:
                    self._look()
                except Error as error:  # the import goes on; a database that is away ends it by itself
                    log.warning("import_beat_failed", data_import=self.run.pk, error=str(error))
                    connection.close()
        finally:
            connection.close()

    def _look(self) -> None:
        run = self.run
        mine = DataImport.objects.filter(pk=run.pk, token=run.token, state=run.state)
        stage, done, total = self._stage
        kept = mine.filter(cancel_requested_at__isnull=True)
        if kept.update(told_at=timezone.now(), stage=stage, done=done, total=total):
            live.publish(topic(run.pk), run.pk, plant_id=run.plant_id)
            return
        row = DataImport.objects.filter(pk=run.pk).first()
        if row is None or (row.token == run.token and row.cancel_requested_at is None):
            return  # this connection does not see it yet, or it has just ended
        self.is_cancelled = True
        with self._lock:
            if self._pid is not None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_cancel_backend(%s)", [self._pid])


def topic(import_id: int) -> str:
    """What the page of an import waits for while a worker has it."""
    return f"import-{import_id}"
