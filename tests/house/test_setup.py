"""What the set-up says when it cannot go on."""

import subprocess
import sys

import pytest

from suite.stack import places, setup


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full: free about 2 GB"),
        ("ERROR: Could not fetch URL: Temporary failure in name resolution", "The package registries are not reached"),
        ("npm error code ENOTFOUND", "The package registries are not reached"),
        ("something else", "Read the lines above"),
    ],
)
def test_a_failed_step_shows_its_output_and_says_what_to_do(
    output: str, advice: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        setup.run_step(
            [sys.executable, "-c", f"print({output!r}); exit(1)"], "It did not work.", "Read the lines above."
        )
    said = capfd.readouterr().err
    assert output in said
    assert f"It did not work. {advice}" in said


def test_lock_files_name_no_registry_and_hash_every_package() -> None:
    for lock in sorted(places.ROOT.glob("requirements*.lock")):
        text = lock.read_text()
        assert "://" not in text
        pinned = [line for line in text.splitlines() if "==" in line]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), f"{lock.name} has a package without a hash"


def test_manage_py_can_be_read_by_old_pythons() -> None:
    """It must get as far as saying that Python is too old: no syntax newer than 3.6."""
    check = "import ast, sys; ast.parse(open('manage.py').read(), feature_version=(3, 6))"
    assert subprocess.run([sys.executable, "-c", check], cwd=places.ROOT).returncode == 0
