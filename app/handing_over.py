"""Handing over: what is kept of a person is written out, or erased after a question."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from rich.console import Console

    from app.person import Found, Persons

JOURNAL = "Votes and feedback about articles are kept without a person, and cannot be tied to one."
CONSENT = "yes"


def add_options(command: argparse.ArgumentParser, *, erases: bool) -> None:
    """Add who is meant, and what is to be done."""
    command.add_argument("email", metavar="EMAIL", help="address of the person; capitals do not matter")
    if erases:
        command.add_argument("--yes", action="store_true", help="do not ask")
        command.add_argument("--open-too", action="store_true", help="also what is still worked on, which ends then")
    else:
        command.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="new folder, with attachments")


def export(persons: Persons, files: Path, arguments: argparse.Namespace) -> int:
    """Write what is found to the standard output, or with the files into a new folder; FileExistsError for an old one.

    Notes of agents are in it: somebody should read it before it is handed over.
    """
    found = persons.find(arguments.email)
    text = json.dumps({"address": arguments.email, "journal": JOURNAL, **found.rows}, default=_moment,
                      ensure_ascii=False, indent=2)  # fmt: skip
    if arguments.folder is None:
        sys.stdout.write(f"{text}\n")
        return 0
    arguments.folder.mkdir(mode=0o700, parents=True)
    (arguments.folder / "person.json").write_text(f"{text}\n", encoding="utf-8")
    return _copy(found, files, arguments.folder)


def erase(persons: Persons, console: Console, arguments: argparse.Namespace) -> int:
    """Say what is found, ask whether to go on, and say what was done; 1 where the answer is no."""
    found = persons.find(arguments.email)
    counts = {kind: len(rows) for kind, rows in found.rows.items()}
    if not any(counts.values()):
        console.print("Nothing is kept of this address.")
        return 0
    console.print(f"Found: {_listed(counts)}. Texts, names, addresses and files go for good; counts for figures stay.")
    if found.open:
        console.print(f"Still open: {', '.join(found.open)}.", markup=False)
    if not arguments.yes and input(f'Erase? Write "{CONSENT}": ').strip().lower() != CONSENT:
        console.print("Nothing was erased.")
        return 1
    done = persons.erase(arguments.email, open_too=arguments.open_too)
    console.print(f"Erased: {_listed(done.counts) or 'nothing'}. Backups have it until they are overwritten.")
    if done.outside:
        console.print("Received by others, ask there:", *sorted(set(done.outside)), sep="\n  ", markup=False)
    return 0


def _copy(found: Found, files: Path, folder: Path) -> int:
    """Return 1 where a file is gone: all others are there then."""
    lost = 0
    for name, sha256 in found.files:
        (folder / name).parent.mkdir(exist_ok=True)
        try:
            shutil.copyfile(files / sha256, folder / name)
        except FileNotFoundError:
            lost = 1
            sys.stderr.write(f"{name} is lost: {files / sha256} is not there. Restore it from the backup.\n")
    return lost


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} cannot be written as JSON.")
    return value.isoformat()
