"""What a visitor has: Debian's Chromium, fresh for each test, and an eye on what the pages do behind their back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from app.database import connect
from app.desk.accounts import Accounts
from app.desk.agent import Role
from app.web.form_keys import FormKeys
from tests.articles.test_history import commit, git
from tests.browser.people import PASSWORD, PostBox, open_post_box, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

    from tests.conftest import Portal

ROOT = Path(__file__).parents[2]
PATIENCE = 20_000  # milliseconds for whatever a page should do
TRAP = 3_100  # milliseconds in which nobody can fill in a form: the time trap of the portal, and a little more
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
USUAL = {"locale": "de-DE", "viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium for a module: kept for longer, Playwright's loop would stop the asyncio.run of other tests."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("No chromium for the browser tests. Install it: sudo apt-get install chromium", pytrace=False)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """Return what the browser complained about; empty it where a complaint is what a test wants."""
    return []


@pytest.fixture
def visit(chromium: Browser, portal: Portal, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that comes to a page as a new visitor, with settings of the browser by name.

    Afterwards nothing may have been asked of another host, no console may hold an error, no cookie may be set.
    """
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", **settings: Any) -> Page:
        context = chromium.new_context(base_url=portal.address, **(USUAL | settings))
        context.set_default_timeout(PATIENCE)
        _watch(context, portal.address, complaints)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    cookies = [cookie["name"] for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert (complaints, cookies) == ([], [])


def _watch(context: BrowserContext, home: str, complaints: list[str]) -> None:
    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _tells_status(message):
            complaints.append(f"{message.location['url']}: {message.text}")

    def look(request: Request) -> None:
        if not request.url.startswith(f"{home}/"):
            complaints.append(f"{request.url} was asked for.")

    context.on("console", hear)
    context.on("request", look)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def _tells_status(message: ConsoleMessage) -> bool:
    """Return whether Chromium only repeats the status of the page itself: a 404 or 422 that was asked for."""
    return "responded with a status of 4" in message.text and message.page is not None and (
        message.location["url"].split("#")[0] == message.page.url.split("#")[0]
    )  # fmt: skip


@pytest.fixture(scope="session")
def axe_faults() -> Callable[[Page], list[str]]:
    """Return a function that tells what axe finds on a page, all of its rules."""
    axe = Axe()

    def faults(page: Page) -> list[str]:
        found = axe.run(page).response["violations"]
        return [f"{page.url} {rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]

    return faults


@pytest.fixture(scope="session")
def wait_out_the_trap() -> Callable[[Page], None]:
    """Return a function that waits until a form is old enough to be sent."""

    def wait(page: Page) -> None:
        age = "performance.now() - performance.getEntriesByType('navigation')[0].responseStart"
        page.wait_for_timeout(max(0.0, TRAP - float(page.evaluate(age))))

    return wait


@pytest.fixture(scope="session")
def fill_in() -> Callable[[Page, str], None]:
    """Return a function that fills in the ticket form."""

    def fill(page: Page, description: str) -> None:
        page.get_by_label("Was ist los?").fill(description)
        page.get_by_label("Ihr Name").fill("Anna Beispiel")
        page.get_by_label("Ihre E-Mail-Adresse").fill("anna@example.org")

    return fill


@pytest.fixture(scope="session")
def form_key(portal: Portal) -> Callable[..., str]:
    """Return a function that signs a form key of an age, such as 13 `hours`, as the portal would have."""
    secret = (portal.data / "secret").read_text(encoding="ascii")
    return lambda **age: FormKeys(secret, lambda: datetime.now(UTC) - timedelta(**age)).new()


@pytest.fixture(scope="session")
def count(portal: Portal) -> Callable[..., int]:
    """Return a function that counts what the portal has written down: table, column and value."""

    def ask(table: str, column: str, value: str) -> int:
        query = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608 - the names are the tests' own
        with closing(sqlite3.connect(portal.data / "wegweiser.db")) as connection:
            return int(connection.execute(query, (value,)).fetchone()[0])

    return ask


@pytest.fixture(scope="session")
def post_box() -> Iterator[tuple[PostBox, int]]:
    """Give what keeps the mails of the portal with a desk, and the port it listens on."""
    with open_post_box() as opened:
        yield opened


@pytest.fixture(scope="session")
def article_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shipped articles in a repository of their own, which a desk may write into."""
    folder = tmp_path_factory.mktemp("repository") / "articles"
    shutil.copytree(ROOT / "articles", folder)
    git(folder, "2026-11-01", "init", "-q", "-b", "main")
    commit(folder, "2026-11-01")
    return folder


@pytest.fixture(scope="session")
def desk_portal(
    portal: Portal, start_portal: Callable[..., Portal], shipped_index: dict[str, Any], post_box: tuple[PostBox, int],
    article_folder: Path,
) -> Portal:  # fmt: skip
    """Give a portal that sends real mails, over an article folder and an index of its own.

    It begins with a copy of the index that the other portal has built, and so reads nothing anew.
    """
    own = shipped_index | {"articles": article_folder, "index": article_folder.parent / "index"}
    assert portal.process.poll() is None
    shutil.copytree(shipped_index["index"], own["index"])
    return start_portal(
        **own, tickets_per_sender=1000, helpdesk="smtp", helpdesk_address="desk@birkennetz.example",
        smtp_host="127.0.0.1", smtp_port=post_box[1], smtp_security="none",
        office_hours="Mo-So 00:00-24:00",
    )  # fmt: skip


@pytest.fixture(scope="session")
def staff(desk_portal: Portal) -> dict[str, str]:
    """Return the address of an agent of each level and of an author, by role."""
    engine = connect(f"sqlite:///{desk_portal.data / 'wegweiser.db'}")
    accounts = Accounts(engine, lambda: datetime.now(UTC))
    names = {
        Role.FIRST: "Mia Weber", Role.SECOND: "Deniz Aydın", Role.THIRD: "Ruth Sommer", Role.AUTHOR: "Ida Kern",
    }  # fmt: skip
    found = {role: accounts.add(name, f"{role}@example.org", role, PASSWORD).email for role, name in names.items()}
    engine.dispose()
    return {str(role): email for role, email in found.items()}


@pytest.fixture
def person(chromium: Browser, desk_portal: Portal, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that gives somebody a browser of their own; no console may have complained in the end."""
    contexts: list[BrowserContext] = []

    def come(**settings: Any) -> Page:
        context = chromium.new_context(base_url=desk_portal.address, **(USUAL | settings))
        context.set_default_timeout(PATIENCE)
        _watch(context, desk_portal.address, complaints)
        contexts.append(context)
        return context.new_page()

    yield come
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def agent_at(person: Callable[..., Page], staff: dict[str, str]) -> Callable[..., Page]:
    """Return a function that seats an agent of a role at the desk, signed in with keys alone."""

    def seat(role: str, path: str = "/desk/tickets", **settings: Any) -> Page:
        page = person(**settings)
        sign_in(page, staff[role], path)
        return page

    return seat
