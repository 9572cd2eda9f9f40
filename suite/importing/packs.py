"""ZIP files: what they hold is looked at before anything is unpacked, and no more is unpacked than they say."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from suite.importing.contract import BY_NAME
from suite.importing.sources import Source, csv_source, unknown_file
from suite.importing.staging import Fault

MOST_UNPACKED = 200 * 1024 * 1024
MOST_MEMBERS = 200
MOST_TIMES = 200
"""A table packs to a twentieth; what unpacks to two hundred times its size is no table."""
SMALL = 1024 * 1024
SHARED_STRINGS, MOST_STRINGS = "xl/sharedStrings.xml", 50 * 1024 * 1024
"""The texts of a workbook stand in one part of it, which has to be in memory."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
LOCKED, PATCHED = 0x1, 0x20
"""Bits of a member: it has a password; it holds only what differs from another file."""
BY_THE_WAY = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def check_zip(path: Path, name: str) -> Fault | None:
    """What is wrong with a ZIP (or workbook) as a whole: broken, locked, or a bomb."""
    try:
        with zipfile.ZipFile(path) as pack:
            members = pack.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):  # the last: of a version that zipfile cannot read
        return Fault(name, 0, "", "", "a ZIP or XLSX file that opens; it is damaged or of another kind")
    unpacked = sum(one.file_size for one in members)
    packed = max(1, path.stat().st_size)
    if any(one.flag_bits & LOCKED for one in members):
        return Fault(name, 0, "", "", "a file without a password")
    if any(one.compress_type not in METHODS or one.flag_bits & PATCHED for one in members):
        return Fault(name, 0, "", "", "a ZIP packed in the usual way (deflated or stored); pack it again")
    if len(members) > MOST_MEMBERS:
        return Fault(name, 0, "", str(len(members)), f"at most {MOST_MEMBERS} files in it")
    if any(one.filename == SHARED_STRINGS and one.file_size > MOST_STRINGS for one in members):
        return Fault(
            name, 0, "", "", f"a workbook with at most {MOST_STRINGS // SMALL} MB of text; save it as CSV files"
        )
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_TIMES * packed):
        found, most = f"{unpacked // SMALL} MB unpacked", f"{MOST_UNPACKED // SMALL} MB and {MOST_TIMES} times its size"
        return Fault(name, 0, "", found, f"a file that unpacks to at most {most}; split it")
    return None


def zip_sources(path: Path, name: str, to: Path, faults: list[Fault]) -> list[Source]:
    """The CSV files in a ZIP, unpacked into the folder `to`; whatever else is in it is a fault."""
    if fault := check_zip(path, name):
        faults.append(fault)
        return []
    found: dict[str, Source] = {}
    try:
        with zipfile.ZipFile(path) as pack:
            for member in pack.infolist():
                source = _unpacked(pack, member, name, to, faults)
                if source is not None and source.file.name in found:
                    faults.append(Fault(source.shown, 0, "", "", f"{source.file.file_name} once in the ZIP"))
                elif source is not None:
                    found[source.file.name] = source
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        faults.append(
            Fault(name, 0, "", "", f"a ZIP file that can be unpacked ({type(error).__name__}); pack it again")
        )
        return []
    if not found and not faults:
        faults.append(
            Fault(name, 0, "", "", "a ZIP with at least one file of the import contract, such as materials.csv")
        )
    return list(found.values())


def _unpacked(
    pack: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, to: Path, faults: list[Fault]
) -> Source | None:
    inside = PurePosixPath(member.filename)
    if member.is_dir() or any(one in member.filename for one in BY_THE_WAY):
        return None
    shown = f"{name}, {inside.name}"
    if inside.suffix.lower() != ".csv" or inside.stem.lower() not in BY_NAME:
        faults.append(unknown_file(shown[:200]))
        return None
    # The name comes from the contract, not from the ZIP, so it leads nowhere else.
    file = BY_NAME[inside.stem.lower()]
    target = to / f"{pack.infolist().index(member)}-{file.file_name}"
    with pack.open(member) as packed, open(target, "wb") as plain:
        shutil.copyfileobj(packed, plain, 1024 * 1024)
    return csv_source(target, shown, file)
