"""The documents keep up with the code: links lead somewhere, and what there is has its name in them."""

import json
import re
from pathlib import Path

import pytest
from django.apps import apps

from masterdata.line import STATION_LABELS
from suite.demo.people import PASSWORD, PEOPLE
from suite.flows import table
from suite.importing.contract import FILES
from suite.stack import places

DOCS = places.ROOT / "docs"
DOCUMENTS = [places.ROOT / "README.md", places.ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
APPS = ("masterdata", "erp", "crm", "aps", "mes")
REQUIREMENTS = ("requirements.in", "requirements-dev.in", "requirements-node.in")
# The shop's and the house's words that are no model's name.
WORDS = """
    ask, backflush, block, carcass, cause, component, decor, deed, dispatch list, edge band, event id, expected at,
    fencing token, final plan, flow, free stock, frozen, input version, invariant, issue, lease, line, margin,
    moving average, netting, offer, operation, operator, option, order stock, output, panel, path, promised at, rebase,
    refusal, relay, released, report, right-shift, role, rush order, safety stock, scrap, selector, service, setup,
    setup family, slack, supplier, customer, supply, victim, wanted on, WIP, wish
""".replace("\n", " ").split(",")


def links(document: Path) -> list[str]:
    """Targets of the document's relative links and images, without fragments; nothing inside code blocks."""
    prose = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def terms(glossary: str) -> set[str]:
    """The words that the glossary explains, in small letters."""
    return {found.lower() for found in re.findall(r"^- \*\*(.+?)\*\*: \S", glossary, flags=re.MULTILINE)}


def packages(document: str) -> set[str]:
    """The first cell of each row of the document's tables."""
    return set(re.findall(r"^\| ([@\w][\w./@-]*) \|", document, flags=re.MULTILINE)) - {"package"}


def required() -> set[str]:
    """Every package that a requirement file or a package.json names."""
    lines = [line for name in REQUIREMENTS for line in (places.ROOT / name).read_text().splitlines()]
    found = {match[0] for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}
    for name in ("package.json", "benchmarks/npm/package.json"):
        front_end = json.loads((places.ROOT / name).read_text())
        found |= front_end.get("dependencies", {}).keys() | front_end.get("devDependencies", {}).keys()
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(places.ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    assert [target for target in links(document) if not (document.parent / target).exists()] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    """The fragment and the outside address are left aside, what stands in a code block is no link."""
    document = tmp_path / "page.md"
    document.write_text("[a](gone.md#part) [b](https://example.org/x.md) [c](#here)\n```\n[d](code.md)\n```\n")
    assert links(document) == ["gone.md"]


def test_every_fact_and_flow_is_told() -> None:
    told = (DOCS / "tour.md").read_text() + (DOCS / "architecture.md").read_text()
    flows = [flow.name.rpartition(".")[2] for row in table.TABLE.values() for flow in row]
    names = [fact.__name__ for fact in table.TABLE] + flows
    assert [name for name in names if f"`{name}`" not in told] == []


def test_every_dependency_has_its_reason_and_nothing_else_stands_there() -> None:
    assert packages((DOCS / "dependencies.md").read_text()) == required()


def test_every_model_and_word_is_in_the_glossary() -> None:
    known = terms((DOCS / "glossary.md").read_text())
    models = {str(model._meta.verbose_name).lower() for app in APPS for model in apps.get_app_config(app).get_models()}
    stations = {str(label).lower() for label in STATION_LABELS.values()}
    words = {word.strip().lower() for word in WORDS}
    assert sorted((models | stations | words) - known) == []


def test_no_word_is_explained_twice() -> None:
    found = re.findall(r"^- \*\*(.+?)\*\*", (DOCS / "glossary.md").read_text(), flags=re.MULTILINE)
    assert sorted({word for word in found if found.count(word) > 1}) == []


def test_the_import_contract_is_told_whole() -> None:
    """Every file has its heading, and under it exactly its columns in their order."""
    sections = re.split(r"^### `([\w.]+)`$", (DOCS / "import.md").read_text(), flags=re.MULTILINE)
    told = {
        name: re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
        for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }
    assert told == {file.file_name: [column.name for column in file.columns] for file in FILES}


def test_every_log_in_of_the_demo_is_in_the_readme() -> None:
    readme = (places.ROOT / "README.md").read_text()
    assert [name for name, *_ in PEOPLE if f"| `{name}` |" not in readme] == []
    assert f"`{PASSWORD}`" in readme


def test_every_refusal_that_a_document_promises_has_that_code() -> None:
    """A program that integrates us asks for `code`: a status and its code, such as 409 `check_due`."""
    sources = [path.read_text() for app in (*APPS, "suite") for path in (places.ROOT / app).rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r"""\bcode\b[^=\n]*= "([a-z_]+)\"""", text)}
    promised = {
        (document.name, code)
        for document in DOCUMENTS
        for code in re.findall(r"4\d\d `([a-z_]+)`", document.read_text())
    }
    assert len(promised) > 15
    assert sorted(one for one in promised if one[1] not in codes) == []
