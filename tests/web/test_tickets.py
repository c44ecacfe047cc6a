"""The pages of tickets: nothing written is ever lost, nothing is sent twice, and a key is the only way in."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy import text as sql
from starlette.testclient import TestClient

from app.articles.article import Article, Category, Language, Rendered
from app.desk.accounts import Accounts
from app.desk.contacts import Contacts
from app.learning.journal import Journal
from app.learning.tally import Tally
from app.search.ranking import Findings, Result, Segment
from app.tickets.mail import Provider
from app.tickets.post import Post
from app.tickets.solution_links import SolutionLinks
from app.tickets.solutions import Solutions
from app.tickets.state import TicketState
from app.tickets.store import Limits, TicketStore
from app.tickets.trail import Opened, Rated, Searched, Tried, write_entry
from app.tickets.workplace import Workplace
from app.web import tickets
from app.web.errors import install
from app.web.form_keys import MAX_AGE, FormKeys
from app.web.limiter import RATES, Limiter
from app.web.pages import Parts, Site, Templates
from app.web.security import guards
from app.web.statics import Statics
from app.web.words import read_words
from tests.conftest import Clock
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from httpx2 import Response


WEB = Path(tickets.__file__).parent
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PATIENT = dict.fromkeys(RATES, "1000/minute")
SITE = Site(
    name="Birkennetz",
    phone="0221 4710 100",
    hours={"de": "Mo bis Fr 8 bis 18 Uhr", "en": "Mon to Fri 8am to 6pm"},
    mail="hilfe@birkennetz.example",
    base_url="http://testserver",
)


def rendered(slug: str, lang: Language, category: str, title: str, steps: tuple[str, ...] = ()) -> Rendered:
    """Return an article as an index holds it."""
    return Rendered(Article(slug, lang, category, "public", title, "", f"public/{category}/{slug}.md"), "", (), steps)


ROUTER = rendered(
    "router-neu-starten", "de", "router-wlan", "Router neu starten", ("Stecker ziehen", "Warten", "Einstecken")
)
ROUTER_EN = rendered("router-neu-starten", "en", "router-wlan", "Restart the router", ("Unplug", "Wait", "Plug in"))
ARTICLES = (
    ROUTER,
    ROUTER_EN,
    rendered("wlan-langsam", "de", "router-wlan", "WLAN ist langsam"),
    rendered("wlan-passwort", "de", "router-wlan", "WLAN-Passwort vergessen"),
    rendered("mail-abrufen", "de", "e-mail", "E-Mails lassen sich nicht abrufen"),
    rendered("mail-senden", "de", "e-mail", "E-Mails lassen sich nicht senden"),
)


class Shelf:
    """An index of a few articles."""

    notices = ()
    rendered: ClassVar = {(row.article.slug, row.article.lang): row for row in ARTICLES}
    categories = (
        Category("router-wlan", {"de": "Router und WLAN", "en": "Router and Wi-Fi"}, {"de": "", "en": ""}),
        Category("e-mail", {"de": "E-Mail", "en": "Email"}, {"de": "", "en": ""}),
    )

    def editions(self, slug: str) -> tuple[Rendered, ...]:
        return tuple(row for row in ARTICLES if row.article.slug == slug)

    def edition(self, slug: str, lang: Language) -> Rendered | None:
        found = self.editions(slug)
        return next((row for row in found if row.article.lang == lang), found[0] if found else None)

    def in_category(self, slug: str, lang: Language) -> tuple[Rendered, ...]:
        slugs = dict.fromkeys(row.article.slug for row in ARTICLES if row.article.category == slug)
        return tuple(row for row in (self.edition(each, lang) for each in slugs) if row)


class Finder:
    """A searcher that finds every article for any text with "geht nicht" in it, and nothing for others."""

    index: ClassVar[Shelf] = Shelf()

    def passages(self, text: str, lang: Language, exclude: Collection[str] = (), limit: int = 3) -> Findings:
        slugs = dict.fromkeys(row.article.slug for row in ARTICLES if row.article.slug not in exclude)
        results = tuple(self._result(slug, lang) for slug in slugs)[:limit]
        fits = "geht nicht" in text
        return Findings(text, lang, "perhaps" if fits else "nothing", 0.5 if fits else 0.0, results)

    def _result(self, slug: str, lang: Language) -> Result:
        row = cast("Rendered", self.index.edition(slug, lang))
        title = (Segment(row.article.title),)
        snippet = (
            Segment("Ziehen Sie den "),
            Segment("Stecker", marked=True),
            Segment(" und warten Sie <eine> Minute."),
        )
        article, answer = row.article, "Ziehen Sie den Stecker und warten Sie <eine> Minute."
        return Result(slug, article.lang, article.category, title, "So geht es", "so-geht-es", answer, snippet, 0.5)


@dataclass
class Portal:
    """The real routes over a real store; only the searcher is small."""

    parts: Parts
    clock: Clock
    engine: Engine
    visits: ExitStack

    def client(self, **changes: Any) -> TestClient:
        """Return a browser without scripts in front of a portal, with some parts replaced; one event loop a visit."""
        parts = replace(self.parts, **changes)
        app = FastAPI(middleware=guards(parts, ["testserver"]))
        app.include_router(tickets.router(parts))
        install(app, parts)
        visitor = TestClient(app, follow_redirects=False, headers={"Accept-Language": "de"})
        return self.visits.enter_context(visitor)


@pytest.fixture(scope="session")
def templates() -> Templates:
    """Give the templates of all tests here: to compile them takes longer than most of these."""
    return Templates(WEB / "templates", SITE, Statics(WEB / "static"), read_words(WEB / "locale"))


def make_portal(engine: Engine, folder: Path, clock: Clock, templates: Templates, visits: ExitStack) -> Portal:
    """Put the parts together, as main does."""
    links = SolutionLinks("secret", clock)
    post = Post(
        engine, clock, Provider(SITE.name, SITE.phone, SITE.hours, SITE.base_url), links, ZoneInfo("Europe/Berlin")
    )
    limits = Limits(tickets_per_sender=3, messages_per_ticket=3)
    store = TicketStore(engine, folder, clock, limits, tell=post.tell)
    parts = Parts(
        site=SITE,
        searcher=cast("Any", Finder()),
        store=store,
        journal=Journal(engine, clock),
        accounts=Accounts(engine, clock),
        workplace=Workplace(engine, clock, tell=post.tell),
        post=post,
        solutions=Solutions(store, links),
        tally=Tally(engine),
        keys=FormKeys("secret", clock),
        templates=templates,
        limiter=Limiter("secret", PATIENT),
        clock=clock,
        internal=cast("Any", None),
        contacts=Contacts(engine, clock),
    )
    return Portal(parts, clock, engine, visits)


@pytest.fixture
def portal(sqlite_engine: Engine, tmp_path: Path, clock: Clock, templates: Templates) -> Iterator[Portal]:
    with ExitStack() as visits:
        yield make_portal(sqlite_engine, tmp_path / "files", clock, templates, visits)


@pytest.fixture
def client(portal: Portal) -> TestClient:
    return portal.client()


WRITTEN = {
    "description": "Das Internet geht nicht.\nSeit gestern.",
    "category": "router-wlan",
    "urgency": "high",
    "name": "Anna Weber",
    "email": "anna@example.org",
}
TRAIL = [
    write_entry(Searched("kein internet")),
    write_entry(Opened("wlan-langsam", "WLAN ist langsam")),
    write_entry(Tried("wlan-langsam", "WLAN ist langsam", 2, "Kanal wechseln")),
    write_entry(Rated("wlan-langsam", "WLAN ist langsam", helpful=False)),
]


def form_key(page: str) -> str:
    """Return the key in a form."""
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def send(client: TestClient, changes: Mapping[str, Any] | None = None, **more: Any) -> Response:
    """Post the ticket form as it was written, with some fields changed."""
    return client.post("/tickets", data={**WRITTEN, **(changes or {})}, **more)


def filled(client: TestClient, clock: Clock, **changes: Any) -> dict[str, Any]:
    """Open the form, take a minute, and return what would be sent."""
    fields = {**WRITTEN, "form_key": form_key(client.get("/tickets/new").text), **changes}
    clock.move(minutes=1)
    return fields


def ticket_of(client: TestClient, clock: Clock, **changes: Any) -> str:
    """Send a ticket and return the address of its page."""
    answer = client.post("/tickets", data=filled(client, clock, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def count(engine: Engine, table: str) -> int:
    """Return the number of rows of a table."""
    with engine.connect() as connection:
        return int(connection.execute(sql(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - our own names


def shown(page: str) -> str:
    """Return the text that a page shows, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def keeps_the_text(page: str) -> bool:
    """Return whether a form came back with everything that was written."""
    return (
        "Das Internet geht nicht.\nSeit gestern.</textarea>" in page.replace("\r", "")
        and 'value="Anna Weber"' in page
        and 'value="anna@example.org"' in page
        and re.search(r'value="router-wlan" selected', page) is not None
        and re.search(r'value="high" data-keep checked', page) is not None
    )


def alert(page: str) -> str:
    """Return what stands on top of a form that came back."""
    return shown(page.partition("data-error-summary>")[2].partition("</div>")[0]).strip()


# The form


def test_the_empty_form_has_sensible_defaults(client: TestClient) -> None:
    """Nobody has to choose a drawer, and most things are neither urgent nor idle."""
    page = client.get("/tickets/new").text
    assert '<option value="sonstiges" selected>' in page
    assert 'value="normal" data-keep checked' in page
    assert "Nur das, was Sie hier eintragen." in page


@pytest.mark.parametrize(
    ("address", "days", "promise"),
    [
        ("/tickets/new", 365, "löschen sie 365 Tage nach dem Abschluss."),
        ("/tickets/new", 1, "löschen sie 1 Tag nach dem Abschluss."),
        ("/tickets/new?lang=en", 90, "delete them 90 days after it is closed."),
    ],
)
def test_the_form_says_how_long_a_ticket_is_kept(portal: Portal, address: str, days: int, promise: str) -> None:
    """As many days as the operator has set."""
    words = portal.parts.templates.words
    site = replace(SITE, keep_days=days)
    templates = Templates(WEB / "templates", site, Statics(WEB / "static"), words)
    assert promise in shown(portal.client(site=site, templates=templates).get(address).text)


def test_fields_say_what_browsers_may_fill_in(client: TestClient) -> None:
    """Name and address are typed once in a life."""
    page = client.get("/tickets/new").text
    assert 'autocomplete="name"' in page
    assert 'autocomplete="email"' in page


def test_the_form_says_purpose_retention_and_what_happens_next(client: TestClient) -> None:
    """One sentence each, before anything is sent."""
    page = shown(client.get("/tickets/new").text)
    assert (
        "Wir nutzen Ihre Angaben nur, um dieses Anliegen zu lösen, und löschen sie 365 Tage nach dem Abschluss." in page
    )
    assert "So geht es weiter" in page


def test_the_address_brings_the_trail_along_without_scripts(client: TestClient) -> None:
    """Searched, read and ticked: the server lists what the links and the step form told."""
    page = client.get("/tickets/new?q=wlan+weg&article=router-neu-starten&step=1&step=3").text
    lines = re.findall(r'class="trail-line">.*?</label>', page, re.DOTALL)
    assert [shown(line.partition(">")[2]).strip() for line in lines if "checked" in line] == [
        "Gesucht wlan weg",
        "Gelesen Router neu starten",
        "Ausprobiert Schritt 1: Stecker ziehen",
        "Ausprobiert Schritt 3: Einstecken",
    ]


def test_the_article_read_tells_the_category(client: TestClient) -> None:
    """Whoever comes from a router article has a router problem."""
    assert '<option value="router-wlan" selected>' in client.get("/tickets/new?article=wlan-langsam").text


def test_an_unknown_article_or_step_is_left_out(client: TestClient) -> None:
    """An internal slug and a nonsense slug look the same: like nothing."""
    page = client.get("/tickets/new?article=geheim&step=1").text
    assert "geheim" not in shown(page)
    other = client.get("/tickets/new?article=wlan-langsam&step=99&step=x").text
    assert "Ausprobiert" not in shown(other.partition("<template data-trail-item>")[0])


def test_the_form_speaks_english(client: TestClient) -> None:
    """The whole form, and its target keeps the language."""
    page = client.get("/tickets/new?lang=en&article=router-neu-starten").text
    assert "What is the problem?" in page
    assert "Restart the router" in page
    assert 'action="/tickets?lang=en"' in page


def test_suggestions_stand_in_the_form_without_scripts(client: TestClient) -> None:
    """At most three, none of which was read."""
    page = client.get("/tickets/new?q=wlan+geht+nicht&article=router-neu-starten").text
    assert page.count('class="ticket-suggestion"') == 3
    assert 'value="router-neu-starten"' not in page


def test_ticket_pages_are_private(client: TestClient, clock: Clock) -> None:
    """Not kept, not found, and no address of them leaves the site."""
    place = ticket_of(client, clock)
    for path in ("/tickets/new", "/tickets/suggestions?q=x", place):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
    assert '<meta name="robots" content="noindex">' in client.get(place).text


# Sending


def test_a_sent_ticket_leads_to_its_page(client: TestClient, clock: Clock) -> None:
    """Number, promise and what happens next, right after sending."""
    page = client.get(ticket_of(client, clock, trail=TRAIL)).text
    text = shown(page)
    assert "Ihr Ticket ist angekommen" in text
    assert "W-2026-000001" in text
    assert "Unsere Antwort kommt an anna@example.org" in text
    assert "antwortet Ihnen bis morgen, 10:00 Uhr." in text
    assert "data-fresh" in page


def test_the_trail_is_kept_as_it_was_ticked(client: TestClient, clock: Clock) -> None:
    """What was sent along can be read on the page, newest last."""
    text = shown(client.get(ticket_of(client, clock, trail=TRAIL)).text)
    assert "Gesucht kein internet Gelesen WLAN ist langsam Ausprobiert Schritt 2: Kanal wechseln" in text
    assert "Nicht hilfreich WLAN ist langsam" in text


def test_an_attachment_is_kept_with_its_size(client: TestClient, clock: Clock) -> None:
    """A screenshot goes along."""
    answer = client.post(
        "/tickets", data=filled(client, clock), files={"attachment": ("bild.png", PNG * 200, "image/png")}
    )
    assert "Anhang: bild.png (3 KB)" in shown(client.get(answer.headers["location"]).text)


def test_an_empty_file_field_is_no_file(client: TestClient, clock: Clock, portal: Portal) -> None:
    """Browsers send a field without name and bytes when nothing was chosen."""
    body = {"attachment": ("", b"", "application/octet-stream")}
    assert client.post("/tickets", data=filled(client, clock), files=body).status_code == 303
    assert count(portal.engine, "attachments") == 0


def test_sent_twice_is_one_ticket(client: TestClient, clock: Clock, portal: Portal) -> None:
    """The second click gets the same answer."""
    fields = filled(client, clock, trail=TRAIL)
    answers = [client.post("/tickets", data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert count(portal.engine, "tickets") == 1


def test_the_same_form_with_other_text_is_not_sent_silently(client: TestClient, clock: Clock, portal: Portal) -> None:
    """The text comes back with a fresh key and a link to the first ticket; sent again it is a second one."""
    fields = filled(client, clock)
    first = client.post("/tickets", data=fields)
    second = client.post("/tickets", data={**fields, "description": "Etwas anderes"})
    assert second.status_code == 409
    assert f'href="{first.headers["location"]}"' in second.text
    assert "Etwas anderes</textarea>" in second.text
    clock.move(seconds=10)
    again = {**fields, "description": "Etwas anderes", "form_key": form_key(second.text)}
    assert client.post("/tickets", data=again).status_code == 303
    assert count(portal.engine, "tickets") == 2


def test_the_language_is_carried_to_the_ticket(client: TestClient, clock: Clock) -> None:
    """Who chose English in the address reads English afterwards."""
    answer = client.post("/tickets?lang=en", data=filled(client, clock))
    assert answer.headers["location"].endswith("?lang=en")
    assert "We have received your ticket" in client.get(answer.headers["location"]).text


# What keeps a form from being taken


def test_a_form_without_fields_says_what_is_missing(client: TestClient) -> None:
    """Every fault stands at its field, and in a summary that links there."""
    answer = client.post("/tickets")
    assert answer.status_code == 422
    for field in ("description", "category", "name", "email"):
        assert f'<li><a href="#{field}">' in answer.text
        assert re.search(rf'<p class="field-error" id="{field}-error">[^<]+</p>', answer.text)
        assert re.search(
            rf'id="{field}"[^>]*aria-describedby="{field}-error[^>]*aria-invalid="true"', answer.text, re.DOTALL
        )
    assert "<title>Noch nicht gesendet: Ticket schreiben" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "anna", "Bitte prüfen Sie die E-Mail-Adresse"),
        ("email", "a@b.de\r\nBcc: x@y.de", "Bitte prüfen Sie die E-Mail-Adresse"),
        ("name", "A" * 101, "höchstens 100 Zeichen"),
        ("description", " \n\t ", "Bitte schreiben Sie, was los ist."),
        ("description", "\x00\x01", "Bitte schreiben Sie, was los ist."),
        ("description", "ä" * 20_001, "höchstens 20.000 Zeichen"),
        ("category", "geheim", "Bitte wählen Sie ein Thema"),
        ("urgency", "sofort", "Bitte wählen Sie, wie eilig es ist."),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_lost(
    client: TestClient, clock: Clock, field: str, value: str, words: str
) -> None:
    """What was right is still there, and so is what was wrong."""
    answer = client.post("/tickets", data=filled(client, clock, **{field: value}, trail=TRAIL))
    assert answer.status_code == 422
    assert words in alert(answer.text)
    assert answer.text.count("checked>") >= len(TRAIL)
    assert [name for name in WRITTEN if f'id="{name}-error"></p>' not in answer.text] == [field]


def test_a_very_long_text_comes_back_whole(client: TestClient, clock: Clock) -> None:
    """Two megabytes pasted by accident are told to be too long, not thrown away."""
    text = "Zeile\n" * 400_000
    answer = client.post("/tickets", data=filled(client, clock, description=text), files={"x": ("", b"")})
    assert answer.status_code == 422
    assert len(answer.text) > len(text)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("leer.log", b"", "Die Datei ist leer"),
        ("programm.exe", b"MZ\x00\x00", "Solche Dateien können wir nicht öffnen"),
        ("gross.png", PNG + b"0" * (10 * 1024 * 1024), "größer als 10 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_the_rest(
    client: TestClient, clock: Clock, name: str, data: bytes, words: str
) -> None:
    """The fault stands at the file; the text is still there."""
    answer = client.post("/tickets", data=filled(client, clock), files={"attachment": (name, data)})
    assert answer.status_code == 422
    assert words in alert(answer.text)
    assert keeps_the_text(answer.text)


def test_a_good_file_has_to_be_chosen_again(client: TestClient, clock: Clock) -> None:
    """No page can fill in a file field, so the form says which file is missing now."""
    files = {"attachment": ("bild<1>.png", PNG, "image/png")}
    answer = client.post("/tickets", data=filled(client, clock, name=""), files=files)
    assert "Ihre Datei „bild<1>.png“ konnten wir nicht behalten" in shown(answer.text)


def test_faults_of_file_and_fields_are_told_together(client: TestClient, clock: Clock) -> None:
    """In the order of the page."""
    files = {"attachment": ("leer.log", b"")}
    page = client.post("/tickets", data=filled(client, clock, name="", description=""), files=files).text
    assert re.findall(r'<li><a href="#(\w+)">', page)[:3] == ["description", "attachment", "name"]


def test_a_filled_honeypot_comes_back_calmly(client: TestClient, clock: Clock, portal: Portal) -> None:
    """A password manager may have filled it: the field is empty again and the form can be sent."""
    fields = filled(client, clock, website="https://spam.example")
    answer = client.post("/tickets", data=fields)
    assert answer.status_code == 422
    assert "Ein Feld, das man nicht sieht" in alert(answer.text)
    assert keeps_the_text(answer.text)
    assert "spam.example" not in answer.text
    assert count(portal.engine, "tickets") == 0
    again = {**fields, "website": "", "form_key": form_key(answer.text)}
    assert client.post("/tickets", data=again).status_code == 303


def test_the_honeypot_is_hidden_from_people_and_screen_readers(client: TestClient) -> None:
    """Nobody sees it, hears it or tabs into it."""
    trap = client.get("/tickets/new").text.partition('<div class="ticket-extra"')[2].partition("</div>")[0]
    assert trap.startswith(' aria-hidden="true"')
    assert 'tabindex="-1" autocomplete="off"' in trap


def test_too_fast_is_asked_again_with_the_same_key(client: TestClient, clock: Clock, portal: Portal) -> None:
    """The clock of the form goes on, so a second press is enough."""
    key = form_key(client.get("/tickets/new").text)
    answer = send(client, {"form_key": key})
    assert answer.status_code == 422
    assert "ungewöhnlich schnell" in alert(answer.text)
    assert keeps_the_text(answer.text)
    clock.move(seconds=4)
    assert send(client, {"form_key": form_key(answer.text)}).status_code == 303
    assert count(portal.engine, "tickets") == 1


def test_an_expired_form_can_be_sent_again(client: TestClient, clock: Clock) -> None:
    """Left open over night: the text is there, and the key is signed anew."""
    fields = filled(client, clock)
    clock.move(seconds=MAX_AGE)
    answer = client.post("/tickets", data=fields)
    assert answer.status_code == 422
    assert "sehr lange offen" in alert(answer.text)
    assert keeps_the_text(answer.text)
    clock.move(seconds=4)
    assert send(client, {"form_key": form_key(answer.text)}).status_code == 303


@pytest.mark.parametrize("key", ["", "geraten", "ä" * 10, "x" * 5000])
def test_a_forged_key_is_replaced(client: TestClient, clock: Clock, key: str) -> None:
    """The text comes back with a key that works."""
    answer = send(client, {"form_key": key})
    assert answer.status_code == 422
    assert "nicht vollständig bei uns angekommen" in alert(answer.text)
    assert keeps_the_text(answer.text)
    clock.move(seconds=4)
    assert send(client, {"form_key": form_key(answer.text)}).status_code == 303


def test_too_many_tickets_are_refused_with_text_and_phone_number(client: TestClient, clock: Clock) -> None:
    """Retry-After tells programs, the phone number tells people."""
    for _ in range(3):
        ticket_of(client, clock)
    answer = client.post("/tickets", data=filled(client, clock))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "0221 4710 100" in alert(answer.text)
    assert keeps_the_text(answer.text)


def test_too_many_requests_keep_the_text_too(portal: Portal, clock: Clock) -> None:
    """The limiter's refusal looks the same as the store's."""
    client = portal.client(limiter=Limiter("secret", {**PATIENT, "ticket": "1/hour"}))
    ticket_of(client, clock)
    answer = client.post("/tickets", data=filled(client, clock))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert keeps_the_text(answer.text)


def test_without_a_store_the_text_is_kept_and_the_phone_number_shown(
    client: TestClient, clock: Clock, portal: Portal
) -> None:
    """Nothing can be stored: 503, when to try again, whom to call."""
    fields = filled(client, clock)
    with portal.engine.begin() as connection:
        connection.execute(sql("DROP TABLE deliveries"))
    answer = client.post("/tickets", data=fields)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "120"
    assert "0221 4710 100" in alert(answer.text)
    assert keeps_the_text(answer.text)
    assert form_key(answer.text) == fields["form_key"]


def test_a_form_that_came_back_switches_language_to_the_form(client: TestClient) -> None:
    """The switch must not lead to the address of a POST."""
    assert 'href="/tickets/new?lang=en"' in client.post("/tickets").text


def test_what_was_written_is_text(client: TestClient, clock: Clock) -> None:
    """No tag of it becomes a tag of the page, neither in the form nor on the ticket."""
    bad = "<script>alert(1)</script>\"'><img src=x>"
    back = client.post(
        "/tickets", data=filled(client, clock, description=bad, name="", trail=[write_entry(Searched(bad))])
    )
    place = ticket_of(client, clock, description=bad, name=bad)
    for page in (back.text, client.get(place).text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_field_sent_as_a_file_is_empty(client: TestClient, clock: Clock) -> None:
    """Types are not believed."""
    fields = filled(client, clock)
    del fields["name"]
    answer = client.post("/tickets", data=fields, files={"name": ("name.txt", b"Anna")})
    assert answer.status_code == 422
    assert "Bitte tragen Sie Ihren Namen ein." in alert(answer.text)


def test_a_file_field_sent_as_text_is_no_file(client: TestClient, clock: Clock) -> None:
    """Types are not believed."""
    assert client.post("/tickets", data=filled(client, clock, attachment="C:\\bild.png")).status_code == 303


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        (
            "multipart/form-data; boundary=b; charset=undefined",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--',
        ),
    ],
)
def test_a_body_that_is_no_form_is_refused(client: TestClient, kind: str, body: bytes) -> None:
    """There is no text to give back: the general page says so."""
    assert client.post("/tickets", content=body, headers={"Content-Type": kind}).status_code == 400


# Suggestions


def test_suggestions_are_a_fragment_with_passages(client: TestClient) -> None:
    """Three articles with the passage and a button; words found are marked, text stays text."""
    page = client.get("/tickets/suggestions?q=mail+geht+nicht").text
    assert "<html" not in page
    assert page.count("Das löst es") == 3
    assert "Ziehen Sie den <mark>Stecker</mark> und warten Sie &lt;eine&gt; Minute.</span>" in page
    assert page.count('class="answering"') == 3
    assert 'data-status="3 Artikel könnten passen."' in page


def test_an_article_already_read_is_not_suggested(client: TestClient) -> None:
    """Each `read` is left out."""
    page = client.get("/tickets/suggestions?q=es+geht+nicht&read=router-neu-starten&read=wlan-langsam").text
    assert re.findall(r'name="article" value="([^"]+)"', page) == ["wlan-passwort", "mail-abrufen", "mail-senden"]


@pytest.mark.parametrize("text", ["", "etwas ganz anderes", "😀😀😀", "\x00"])
def test_where_nothing_fits_nothing_is_suggested(client: TestClient, text: str) -> None:
    """Silence is better than a bad guess."""
    assert client.get("/tickets/suggestions", params={"q": text}).text.strip() == ""


def test_a_german_suggestion_is_marked_for_english_readers(client: TestClient) -> None:
    """It still helps, but nobody is surprised."""
    page = client.get("/tickets/suggestions?q=es+geht+nicht&lang=en&read=router-neu-starten").text
    assert 'lang="de"' in page
    assert "in German" in page


# Solved by an article


def test_an_article_that_solves_it_is_counted(client: TestClient, portal: Portal, clock: Clock) -> None:
    """Thanks, nothing sent, and one more in the journal."""
    answer = client.post("/solutions", data={"article": "wlan-langsam", "lang": "en"})
    assert answer.status_code == 200
    assert "Ihr Ticket haben wir nicht gesendet" in shown(answer.text)
    assert 'data-page="solved"' in answer.text
    assert portal.parts.journal.most_helpful(clock.now.replace(year=2025), 5) == [("wlan-langsam", 1)]


def test_an_unknown_article_solves_nothing(client: TestClient, portal: Portal) -> None:
    """No row for what does not exist, and no hint whether it exists inside."""
    assert client.post("/solutions", data={"article": "geheim", "lang": "de"}).status_code == 404
    assert client.post("/solutions").status_code == 404
    assert count(portal.engine, "solutions") == 0


def test_thanks_are_given_even_when_nothing_can_be_counted(client: TestClient, portal: Portal) -> None:
    """The journal is not the visitor's worry."""
    with portal.engine.begin() as connection:
        connection.execute(sql("DROP TABLE solutions"))
    assert client.post("/solutions", data={"article": "wlan-langsam"}).status_code == 200


# The page of a ticket


def set_state(portal: Portal, *states: TicketState) -> None:
    """Let staff move the only ticket, an hour for each step."""
    with portal.engine.begin() as connection:
        for state in states:
            portal.clock.move(hours=1)
            connection.execute(sql("UPDATE tickets SET state = :state"), {"state": state})
            row = {"at": portal.clock.now.replace(tzinfo=None).isoformat(" ") + ".000000", "became": state}
            connection.execute(
                sql(
                    "INSERT INTO changes (ticket_id, at, who, what, became) VALUES (1, :at, 'agent', 'state', :became)"
                ),
                row,
            )


def places(page: str) -> list[str]:
    """Return where the four points of the line stand."""
    return re.findall(r'class="progress-point is-(\w+)"', page)


@pytest.mark.parametrize(
    ("states", "line", "words"),
    [
        ((), ["current", "ahead", "ahead", "ahead"], "Jemand aus unserem Team liest Ihr Ticket"),
        ((TicketState.OPEN,), ["done", "current", "ahead", "ahead"], "Wir arbeiten daran."),
        ((TicketState.OPEN, TicketState.WAITING), ["done", "done", "current", "ahead"], "Wir haben eine Frage an Sie"),
        ((TicketState.SOLVED,), ["done", "skipped", "skipped", "current"], "Das Problem ist gelöst."),
        (
            (TicketState.SOLVED, TicketState.CLOSED),
            ["done", "skipped", "skipped", "current"],
            "Das Problem ist gelöst.",
        ),
        ((TicketState.SOLVED, TicketState.OPEN), ["done", "current", "ahead", "ahead"], "Wir arbeiten daran."),
    ],
)
def test_the_line_shows_where_it_stands(
    client: TestClient, portal: Portal, states: tuple[TicketState, ...], line: list[str], words: str
) -> None:
    """Four points with dates as far as it came, and what comes next."""
    place = ticket_of(client, portal.clock)
    set_state(portal, *states)
    page = client.get(place).text
    assert places(page) == line
    assert page.count('<time class="progress-time"') == line.count("done") + line.count("current")
    assert words in shown(page)


def test_a_late_answer_is_admitted(client: TestClient, clock: Clock) -> None:
    """No date in the past, but the phone number."""
    place = ticket_of(client, clock)
    clock.move(days=3)
    text = shown(client.get(place).text)
    assert "Wir brauchen länger als versprochen" in text
    assert "Ihnen bis" not in text


def test_the_promise_counts_working_time_from_the_first_open_message(client: TestClient, clock: Clock) -> None:
    """Sixteen hours from Friday half past ten end on Saturday, and writing again does not put that off."""
    clock.now = clock.now.replace(day=20)
    place = ticket_of(client, clock, urgency="low")
    clock.move(days=1)
    client.post(f"{place}/messages", data={"text": "Noch etwas", "message_key": "a"})
    assert "bis heute, 15:31 Uhr" in shown(client.get(place).text)


def test_an_answered_ticket_promises_nothing_but_news(client: TestClient, portal: Portal) -> None:
    """Nobody is late while the visitor has been answered; what he writes then is promised an answer again."""
    place = ticket_of(client, portal.clock)
    portal.parts.workplace.reply("W-2026-000001", ANNA, "Guten Tag", "k", 1)
    portal.clock.move(days=3)
    page = client.get(place).text
    assert "melden uns, sobald es etwas Neues gibt" in shown(page)
    client.post(f"{place}/messages", data={"text": "Noch etwas", "message_key": "a"})
    assert "Sie hören bis heute, 12:31 Uhr von uns." in shown(client.get(place).text)
    assert "Birkennetz" in page.partition('class="message is-agent"')[2]


def test_an_answer_is_added_last(client: TestClient, clock: Clock) -> None:
    """And the page says nothing of an arrival any more."""
    place = ticket_of(client, clock)
    answer = client.post(f"{place}/messages", data={"text": "Noch ein Hinweis", "message_key": "a"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{place}#messages"
    page = client.get(place).text
    assert "data-fresh" not in page
    assert page.index("Das Internet geht nicht.") < page.index("Noch ein Hinweis")


def test_an_answer_sent_twice_is_one_message(client: TestClient, portal: Portal) -> None:
    """The key of the box tells a repeat from a second message."""
    place = ticket_of(client, portal.clock)
    for _ in range(2):
        assert client.post(f"{place}/messages", data={"text": "Hallo", "message_key": "a"}).status_code == 303
    assert count(portal.engine, "messages") == 2


def test_an_answer_without_a_key_is_taken(client: TestClient, portal: Portal) -> None:
    """A key is a comfort, not a condition."""
    place = ticket_of(client, portal.clock)
    for _ in range(2):
        client.post(f"{place}/messages", data={"text": "Hallo"})
    assert count(portal.engine, "messages") == 3


def test_another_answer_with_the_same_key_comes_back(client: TestClient, clock: Clock) -> None:
    """It is not swallowed: it stands in the box with a fresh key."""
    place = ticket_of(client, clock)
    client.post(f"{place}/messages", data={"text": "Hallo", "message_key": "a"})
    answer = client.post(f"{place}/messages", data={"text": "Hallo zusammen", "message_key": "a"})
    assert answer.status_code == 409
    assert "Hallo zusammen</textarea>" in answer.text
    assert 'name="message_key" value="a"' not in answer.text


@pytest.mark.parametrize(("text", "words"), [("  ", "Bitte schreiben Sie"), ("ä" * 20_001, "höchstens 20.000 Zeichen")])
def test_an_answer_that_cannot_be_taken_comes_back(client: TestClient, clock: Clock, text: str, words: str) -> None:
    """Fault at the field, in the summary, and the text in the box."""
    place = ticket_of(client, clock)
    answer = client.post(f"{place}/messages", data={"text": text, "message_key": "a"})
    assert answer.status_code == 422
    assert words in alert(answer.text)
    assert f"{text}</textarea>" in answer.text
    assert 'value="a"' in answer.text
    assert f'href="{place}?lang=en"' in answer.text


def test_too_many_answers_come_back(client: TestClient, clock: Clock) -> None:
    """With when to try again."""
    place = ticket_of(client, clock)
    answers = [client.post(f"{place}/messages", data={"text": f"Hallo {n}", "message_key": str(n)}) for n in range(4)]
    assert answers[-1].status_code == 429
    assert "retry-after" in answers[-1].headers
    assert "Hallo 3</textarea>" in answers[-1].text


def test_the_visitor_can_say_that_it_is_solved(client: TestClient, clock: Clock) -> None:
    """One button, once; writing again opens it again."""
    place = ticket_of(client, clock)
    assert "Problem gelöst" in client.get(place).text
    assert client.post(f"{place}/messages", data={"solved": "1"}).status_code == 303
    page = client.get(place).text
    assert places(page)[-1] == "current"
    assert "Problem gelöst" not in page
    assert '<p class="message-text">Das Problem ist gelöst.</p>' in page
    client.post(f"{place}/messages", data={"text": "Doch nicht", "message_key": "a"})
    assert "Wir arbeiten daran" in client.get(place).text


def test_a_closed_ticket_is_solved_already(client: TestClient, portal: Portal) -> None:
    """An old page with the button does no harm."""
    place = ticket_of(client, portal.clock)
    set_state(portal, TicketState.SOLVED, TicketState.CLOSED)
    assert client.post(f"{place}/messages", data={"solved": "1"}).status_code == 303


def test_a_wrong_key_is_an_unknown_page(client: TestClient, clock: Clock) -> None:
    """The same bytes as any other address that does not exist, for reading, answering and solving."""
    ticket_of(client, clock)

    def bytes_of(answer: Response) -> str:
        assert answer.status_code == 404
        return answer.text.replace(answer.headers["x-request-id"], "")

    pages = {
        bytes_of(client.get("/tickets/geraten")),
        bytes_of(client.get("/tickets/W-2026-000001")),
        bytes_of(client.get("/nirgends")),
        bytes_of(client.post("/tickets/geraten/messages", data={"text": "Hallo"})),
        bytes_of(client.post("/tickets/geraten/messages", data={"text": ""})),
        bytes_of(client.post("/tickets/geraten/messages", data={"solved": "1"})),
        bytes_of(client.post("/solutions", data={"article": "geheim"})),
    }
    assert len(pages) == 1


def test_a_ticket_that_cannot_be_read_now_says_so(client: TestClient, portal: Portal) -> None:
    """503 with when to try again; never a 404 for a ticket that exists."""
    place = ticket_of(client, portal.clock)
    with portal.engine.begin() as connection:
        connection.execute(sql("DROP TABLE changes"))
    answer = client.get(place)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "120"


def test_an_answer_is_kept_on_the_page_when_the_store_is_gone(client: TestClient, portal: Portal) -> None:
    """Nothing of the ticket can be read, but the text, its key and the phone number are there."""
    place = ticket_of(client, portal.clock)
    with portal.engine.begin() as connection:
        connection.execute(sql("DROP TABLE changes"))
    answer = client.post(f"{place}/messages", data={"text": "Bitte <nicht> verlieren", "message_key": "a"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "120"
    assert "Bitte &lt;nicht&gt; verlieren</textarea>" in answer.text
    assert 'value="a"' in answer.text
    assert "0221 4710 100" in answer.text
    assert f'action="{place}/messages"' in answer.text


def test_internal_messages_are_not_shown(client: TestClient, portal: Portal) -> None:
    """A note among colleagues stays among them."""
    place = ticket_of(client, portal.clock)
    with portal.engine.begin() as connection:
        connection.execute(
            sql(
                "INSERT INTO messages (ticket_id, key_hash, author, text, at, internal) "
                "VALUES (1, 'k', 'agent', 'Nachtigall', '2026-11-22 10:00:00.000000', 1)"
            )
        )
    assert "Nachtigall" not in client.get(place).text
