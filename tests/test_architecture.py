"""The shape of the code: which module may know which, and which may touch the world."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))

ARROWS = {
    "articles": {"personal", "text"},
    "search": {"articles", "text"},
    "tickets": {"job", "database", "person", "text"},
    "learning": {"job", "database", "person", "personal", "text"},
    "desk": {"database", "person", "text"},
    "web": {"articles", "search", "tickets", "learning", "desk", "database", "personal", "text"},
    "main": {
        "articles",
        "search",
        "tickets",
        "learning",
        "desk",
        "web",
        "database",
        "job",
        "person",
        "personal",
        "settings",
    },
    "commands": {
        "main",
        "articles",
        "search",
        "desk",
        "database",
        "personal",
        "handing_over",
        "hooks",
        "keeper",
        "publisher",
        "preview",
        "proofreading",
        "settings",
        "desk_bench",
        "desk_load",
        "pushing",
        "killing",
    },
    "handing_over": {"person"},
    "hooks": {"articles"},
    "job": set(),
    "keeper": {"job"},
    "publisher": {"articles", "search", "settings"},
    "preview": {"main", "articles", "search", "web", "settings"},
    "proofreading": {"articles", "search"},
    "rehearsal": {"main", "desk", "web", "settings"},
    "git_server": set(),
    "changes": {"git_server"},
    "pushing": {"articles", "changes", "desk", "git_server", "rehearsal", "search", "settings"},
    "killing": {"articles", "changes", "git_server", "keeper", "pushing", "rehearsal", "search", "settings"},
    "desk_bench": {"main", "rehearsal", "tickets", "database", "settings"},
    "desk_load": {"main", "rehearsal", "desk_bench", "tickets", "web", "database", "settings"},
    "database": set(),
    "person": set(),
    "personal": set(),
    "settings": set(),
    "text": set(),
}
"""Folder or module at the top of app/ → what it may import from app/ besides itself."""

PURE = """
    articles/article articles/markdown articles/address articles/dialect articles/directory articles/extension
    articles/fields articles/file_text articles/front_matter articles/media articles/intern articles/manuscript
    articles/outline articles/plain articles/prose articles/relations articles/sanitising articles/steps
    articles/notices articles/categories articles/asking
    articles/finding articles/alternatives articles/anchors articles/reviews articles/confidential articles/change
    articles/reports articles/past articles/comparison articles/due_reviews
    search/passage search/query search/language search/ranking search/confidence search/highlight search/vocabulary
    search/compounds search/spelling search/wanted search/matching search/phrases search/codebook
    search/reliability
    tickets/trail tickets/ticket tickets/state tickets/address tickets/attachment tickets/parcel tickets/letter
    tickets/mail tickets/news tickets/rating tickets/reminder tickets/wish_mail
    tickets/reply_address tickets/fold tickets/mail_parts tickets/incoming
    tickets/times tickets/holidays tickets/schedule tickets/rules tickets/classification
    desk/agent desk/access desk/contact desk/mailer desk/identity
    learning/figures learning/asked learning/gaps learning/drafts
    search/sinking tickets/review_mail
    person personal text
""".split()
"""Modules that compute and touch nothing."""
WORLD = frozenset(
    """asyncio faiss fastapi fcntl http httpx2 io logging os psycopg requests sentence_transformers shutil signal socket
    sqlalchemy sqlite3 starlette subprocess tantivy tempfile threading time torch transformers urllib.request
    uvicorn""".split()
)
"""What reaches files, network, database, clock, model or HTTP."""
ALLOWED = {"search/codebook": {"faiss"}}
"""Pure module → what of the world it may import: of FAISS a codebook uses the quantiser, which works in memory."""


def imports_of(path: Path) -> set[str]:
    """Return every module that a file imports, also inside functions and for type checking."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def run_time_imports_of(path: Path) -> set[str]:
    """Return what a file imports when it is loaded, leaving out what only type checkers see."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def place_of(path: Path) -> str:
    """Return the top-level folder or module of app/ that a file belongs to."""
    return path.relative_to(APP).with_suffix("").parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(APP).as_posix())
def test_modules_import_only_along_the_arrows(path: Path) -> None:
    """Search and tickets never know each other, nothing knows the web but main, nobody but main reads settings."""
    place = place_of(path)
    if place == "__init__":
        return
    known = {name.split(".")[1] for name in imports_of(path) if name.startswith("app.")}
    assert known <= ARROWS[place] | {place}


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_touch_nothing(name: str) -> None:
    """The core computes: no file, network, database, clock, model or HTTP is imported by it."""
    found = run_time_imports_of(APP / f"{name}.py") - ALLOWED.get(name, set())
    assert not {module for module in found if module in WORLD or module.split(".")[0] in WORLD}


@pytest.mark.parametrize(
    ("known", "knowers"),
    [
        ("app.search.weights.fitted", {"search/volume", "search/builder", "search/fitting"}),
        ("app.search.fitting", {"search/checking", "search/measuring"}),
        ("app.search.checking", {"search/measuring"}),
        ("app.search.measuring", {"commands"}),
    ],
)
def test_only_few_know_how_weights_are_made(known: str, knowers: set[str]) -> None:
    """Ranking and confidence are handed the weights of their index: they read no file, and nobody fits in passing."""
    found = {path.relative_to(APP).with_suffix("").as_posix() for path in MODULES if known in imports_of(path)}
    assert found == knowers


def test_folders_are_two_levels_deep_and_nothing_is_called_utils() -> None:
    """The folder list is the feature list."""
    folders = {path.parent.relative_to(APP).as_posix() for path in MODULES if "migrations" not in path.parts}
    assert folders == {".", "articles", "search", "tickets", "learning", "desk", "web"}
    assert not {path.stem for path in MODULES} & {"utils", "helpers", "services", "models", "core", "common"}


def test_scripts_are_twenty_lines_at_most() -> None:
    """Commands only; the work is in app/."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "scripts").iterdir()}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > 20} == {}


def test_importing_the_portal_loads_no_model() -> None:
    """No work at import: the model stack stays out until an encoder is made, and what fits weights until it fits."""
    import subprocess

    heavy = "('torch', 'transformers', 'sklearn')"
    code = f"import sys, app.main, app.commands; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
