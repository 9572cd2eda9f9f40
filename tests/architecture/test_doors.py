"""Flows, asks and deeds use an app's doors and nothing else of it, and the check sees every way around them."""

from pathlib import Path

import pytest

from suite.stack import places
from tests.architecture import doors

AROUND = [
    "from aps import warm",
    "from aps import offering",
    "from crm import timeline",
    "from erp import urls",
    "from mes import *",
    "from erp import services, models",
    "import aps",
    "import aps.warm",
    "import aps.warm as warm",
    "import aps.services",
    "import json, aps.wake as wake",
    "from aps.warm import live",
    "from aps.services.turn import plan_plant",
    "from aps.services import turn",
    "from aps.services import *",
    "from erp.stock.services import post_moves",
    "from erp.sales import services",
    "from masterdata import rights",
    "from masterdata.models.people import User",
    "from masterdata.models import people",
    "import masterdata.accounts as accounts",
    "if True:\n    def late():\n        from aps import snapshot",
    "importlib.import_module('aps.warm')",
    "__import__('crm')",
]
THROUGH = [
    "from aps import services as aps",
    "from erp import selectors as erp_now, facts",
    "import mes.services as mes",
    "from crm.facts import PromiseChanged",
    "from erp.services import SalesOrder",
    "from masterdata import live, numbers",
    "from masterdata.models import FlowRun, User",
    "from masterdata.errors import Refusal",
    "from suite.asks import warm",
    "import apsidal.warm",
    "importlib.import_module('json')",
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with rooms behind doors, as far as the lines above look into it."""
    for file in ("aps/services/turn.py", "masterdata/models/people.py", "suite/flows/story.py"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    return tmp_path


def test_flows_asks_and_deeds_use_the_doors() -> None:
    assert doors.besides_the_doors(places.ROOT) == []


def test_the_list_of_doors_names_none_that_nobody_uses() -> None:
    assert doors.SHARED - doors.doors_used(places.ROOT, "masterdata") == set()


@pytest.mark.parametrize("folder", doors.CALLERS)
def test_there_are_modules_to_look_at(folder: str) -> None:
    assert len(list((places.ROOT / folder).rglob("*.py"))) > 2


@pytest.mark.parametrize("line", AROUND)
def test_the_check_sees_a_way_around(line: str, house: Path) -> None:
    story = house / "suite" / "flows" / "story.py"
    story.write_text(f"{line}\n")
    assert len(doors.besides_the_doors(house)) == 1


@pytest.mark.parametrize("line", THROUGH)
def test_the_check_lets_through_what_is_a_door(line: str, house: Path) -> None:
    (house / "suite" / "flows" / "story.py").write_text(f"{line}\n")
    assert doors.besides_the_doors(house) == []


@pytest.mark.parametrize("folder", doors.CALLERS)
def test_the_check_looks_into_every_folder(folder: str, tmp_path: Path) -> None:
    inner = tmp_path / folder / "deep"
    inner.mkdir(parents=True)
    (inner / "it.py").write_text("from aps import warm\n")
    assert doors.besides_the_doors(tmp_path) == [f"{folder}/deep/it.py: from aps import warm"]
