"""`manage.py test` chooses what pytest runs."""

from suite.stack.testing import pytest_arguments

FAST = ["-m", "not browser and not crash and not long"]
TWO = ["-n", "2", "--dist", "worksteal"]


def test_fast_tests_by_two_processes() -> None:
    assert pytest_arguments([]) == [*FAST, *TWO]


def test_all_tests_when_asked() -> None:
    assert pytest_arguments(["--all"]) == TWO


def test_one_path_by_one_process() -> None:
    assert pytest_arguments(["tests/house", "-x"]) == [*FAST, "tests/house", "-x"]
    assert pytest_arguments(["--all", "tests/house/test_testing.py::test_x"]) == ["tests/house/test_testing.py::test_x"]


def test_what_is_chosen_stays() -> None:
    assert pytest_arguments(["-n", "0", "-m", "crash"]) == ["-n", "0", "-m", "crash"]
