"""The Celery application: web and workers send and take wake-ups through it."""

import ctypes
import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suite.settings")

# Root in a container or in a first try-out: tasks are JSON only, which is what that warning is about.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("suite")
app.set_default()  # in every thread: web answers in threads that never import this module
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def _keep_djangos_logging(**_: Any) -> None:
    """Connected so that Celery leaves the logging configuration as Django made it."""


@worker_process_init.connect
def _die_with_the_worker(**_: Any) -> None:
    """A pool process must not outlive a worker that was killed: its task is given to the next worker."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)
