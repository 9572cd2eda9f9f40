"""Every process and thread sends its tasks through our Celery application."""

import threading

from celery import shared_task

from suite.celery import app


@shared_task(name="tests.nothing")
def nothing() -> None:
    """Never run."""


def test_tasks_of_other_threads_belong_to_our_application() -> None:
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(nothing.app is app))
    thread.start()
    thread.join()
    assert seen == [True]
    assert app.conf.task_acks_late
    assert app.conf.accept_content == ["json"]
