"""The README tells the truth: every setting, route, script and folder is in it, with the right defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
ROUTE = re.compile(r'add_route\(\s*"([^"]+)"')


def pinned(name: str) -> dict[str, str]:
    """Return the pinned version of each package in a requirements file, by its lower-case name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0].split("[")[0].lower(): line.split("==")[1] for line in lines if "==" in line}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    """With its default and its help."""
    field = Settings.model_fields[name]
    default = getattr(field.default, "get_secret_value", lambda: field.default)()
    cell = f"`{default}`" if str(default) else ""
    assert f"| `{name.upper()}` | {cell} | {field.description} |" in README


@pytest.mark.parametrize("path", sorted((ROOT / "app" / "web").glob("*.py")), ids=lambda path: path.stem)
def test_every_route_is_in_the_readme(path: Path) -> None:
    """Nobody should have to read the code to know an address."""
    routes = (re.sub(r":path}", "}", route) for route in ROUTE.findall(path.read_text(encoding="utf-8")))
    assert [route for route in routes if f"{route}" not in README] == []


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").iterdir()), ids=lambda path: path.name)
def test_every_script_is_in_the_readme(path: Path) -> None:
    """A command that nobody is told of does not exist."""
    assert f"scripts/{path.name}" in README


@pytest.mark.parametrize("folder", ["app/articles", "app/search", "app/tickets", "app/learning", "app/desk", "app/web",
                                    "articles", "index", "scripts", "tests", "docs"])  # fmt: skip
def test_every_folder_is_in_the_readme(folder: str) -> None:
    """The folder list is the feature list."""
    assert (ROOT / folder).is_dir()
    assert f"`{folder}`" in README


def test_pictures_and_documents_that_the_readme_shows_are_there() -> None:
    """A broken picture is the first thing a newcomer would see."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_direct_dependency_has_a_reason() -> None:
    """docs/decisions.md says why it is here."""
    direct = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n\n")[0]
    names = [line.split("==")[0].split("[")[0].lower() for line in direct.splitlines() if "==" in line]
    assert len(names) > 20
    assert [name for name in names if name not in DECISIONS.lower()] == []


@pytest.mark.parametrize(
    ("name", "minimum"),
    [("starlette", "1.3.0"), ("python-multipart", "0.0.27"), ("nh3", "0.3.7"), ("jinja2", "3.1.6"), ("h11", "0.16"),
     ("urllib3", "2.7.0")],
)  # fmt: skip
def test_pinned_versions_have_no_known_hole(name: str, minimum: str) -> None:
    """Below these versions something known is open; an audit that finds nothing to audit says nothing."""
    found = pinned("requirements.txt") | pinned("requirements-test.txt")
    numbers = [tuple(map(int, version.split("."))) for version in (found.get(name, minimum), minimum)]
    assert numbers[0] >= numbers[1]


def test_the_model_stack_is_pinned_to_the_processor_build() -> None:
    """Any other torch brings gigabytes that nobody asked for."""
    assert pinned("requirements.txt")["torch"] == "2.13.0"
