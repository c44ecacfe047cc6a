"""The preview as an author has it: an editor on one side, the browser on the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, USUAL
from tests.conftest import ROOT, STOP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

START_SECONDS = 60
PATH = "public/netz/router.md"
LINES = "\n\n".join(f"Zeile {number} von vielen." for number in range(60))
TEXT = f"---\ntitle: Router neu starten\nquestions: [router stecker ziehen]\n---\nZiehen Sie den Stecker.\n\n{LINES}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give an article file in a folder of its own."""
    file = tmp_path / "articles" / PATH
    file.parent.mkdir(parents=True)
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def address(file: Path, tmp_path: Path) -> Iterator[str]:
    """Start the preview of the file as authors do, without a model, and give its address."""
    told = tmp_path / "log"
    known = {"ARTICLES": str(tmp_path / "articles"), "INDEX": str(tmp_path / "index"), "EMBEDDING_MODEL": "none"}
    command = [sys.executable, "-m", "app.commands", "preview", str(file), "--port", "0"]
    with told.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | known, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + START_SECONDS
    while not (found := re.search(r"ready: (http://\S+)", told.read_text())):
        assert time.monotonic() < deadline, told.read_text()
        time.sleep(0.1)
    yield found[1]
    process.terminate()
    process.wait(STOP_SECONDS)


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """Open the preview in a wide window."""
    usual: dict[str, Any] = dict(USUAL)
    context = chromium.new_context(base_url=address, **usual)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


def test_a_saved_change_appears_without_a_reload(
    page: Page, file: Path, axe_faults: Callable[[Page], list[str]]
) -> None:
    """The place that is read, and what stands in the box, stay; a broken file keeps the text, with the reason."""
    expect(page.locator("[data-live=found]")).to_contain_text("Platz 1")
    assert axe_faults(page) == []
    page.get_by_label("Eine andere Frage ausprobieren").fill("halb getippt")
    page.evaluate("window.unloaded = false; window.scrollTo(0, 900)")
    file.write_text(TEXT.replace("Ziehen Sie den Stecker", "Warten Sie eine Minute"), encoding="utf-8")
    expect(page.locator("[data-live=customers]")).to_contain_text("Warten Sie eine Minute")
    expect(page.locator("[data-live=agents]")).to_contain_text("Warten Sie eine Minute")
    assert page.evaluate("[window.unloaded, Math.abs(window.scrollY - 900) < 40]") == [False, True]
    file.write_text(TEXT.replace("title:", "title"), encoding="utf-8")
    expect(page.locator("[data-live=state]")).to_contain_text("letzte gute Fassung")
    expect(page.locator("[data-live=customers]")).to_contain_text("Warten Sie eine Minute")
    assert page.get_by_label("Eine andere Frage ausprobieren").input_value() == "halb getippt"


def test_a_query_is_answered_in_place(page: Page) -> None:
    """The address keeps it, so that it is asked again after the next change."""
    expect(page.locator("[data-live=found]")).to_contain_text("Platz 1")
    page.evaluate("window.unloaded = false")
    page.get_by_label("Eine andere Frage ausprobieren").fill("stecker vom router")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live=tried]")).to_contain_text("dieser Artikel")
    assert page.evaluate("[window.unloaded, location.search]") == [False, "?q=stecker+vom+router"]


def test_in_a_narrow_window_one_edition_is_shown(page: Page) -> None:
    """The other is one key away."""
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.locator(".preview-agents")).to_be_hidden()
    page.get_by_role("button", name="Agenten").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".preview-agents")).to_be_visible()
    expect(page.locator(".preview-customers")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
