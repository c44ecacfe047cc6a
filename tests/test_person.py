"""A person: everything that belongs to an address can be handed out, and taken out while the figures stay."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, String, func, insert, select, update

import app.main  # noqa: F401 - every table of the portal is in the metadata then
from app import commands
from app.database import metadata, writing
from app.desk.accounts import Accounts
from app.desk.agent import Role
from app.desk.contact import ContactDraft, Event, EventKind, Outcome
from app.desk.contacts import Contacts
from app.desk.traces import ContactTraces
from app.learning.asked import Asked, Askers
from app.learning.journal import Journal
from app.learning.questions import Questions
from app.person import Person, Persons, StillOpen, without
from app.tickets.mail import Provider
from app.tickets.mailbag import Mailbag
from app.tickets.mentions import Mentions
from app.tickets.outbox import Outbox
from app.tickets.parcel import DeliveryState, Report
from app.tickets.parcel import Outcome as DeliveryOutcome
from app.tickets.post import Post
from app.tickets.solution_links import SolutionLinks
from app.tickets.solutions import Solutions
from app.tickets.state import TicketState
from app.tickets.store import TicketStore, UnknownTicket
from app.tickets.tables import attempts, changes, deliveries, erasures, mail_attempts, mails, messages, ratings, tickets
from app.tickets.ticket import Attachment, TicketDraft, draft
from app.tickets.traces import TicketTraces
from app.tickets.trail import Opened, Rated, Searched, Trail, Tried
from app.tickets.wish_links import WishLinks
from app.tickets.wishes import Wishes
from app.tickets.workplace import Workplace
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Column

    from tests.conftest import Clock

EMAIL, NAME, SECRET = "Erika.Beispiel@example.org", "Erika Beispiel", "Nachtigall"
TRACES = (EMAIL.lower(), NAME.lower(), SECRET.lower())
IMPERSONAL = frozenset(
    """
    agents.name agents.email agents.password_hash agents.role sessions.token_hash
    tickets.number tickets.key_hash tickets.digest tickets.sender_hash tickets.state tickets.lang tickets.category
    tickets.urgency tickets.assignee trail_entries.slug messages.author messages.key_hash messages.who
    attachments.media_type attachments.sha256 deliveries.kind deliveries.state deliveries.token attempts.outcome
    mails.kind mails.lang mails.token mails.state mail_attempts.outcome suggestions.field suggestions.suggested
    suggestions.chosen changes.who changes.what contacts.name contacts.outcome contacts.lang contacts.ticket
    contacts.tab contact_events.key contact_events.kind contact_events.slug contact_events.lang flags.kind flags.slug
    flags.lang feedback.slug feedback.lang solutions.slug solutions.lang
    received.digest received.verdict ticket_links.kind drafts.slug drafts.branch drafts.agent drafts.key_hash
    wishes.name wishes.state wishes.address wishes.lang questions.answer
    gaps.state gaps.weeks gaps.nearest questions.lang questions.source questions.asker questions.nearest
    """.split()
)
"""Columns of text that hold nothing of customers. All others are filled by `portal`, and looked through afterwards."""


@dataclass(frozen=True)
class Portal:
    """All that writes down something of a person, over one database."""

    engine: Engine
    store: TicketStore
    workplace: Workplace
    solutions: Solutions
    contacts: Contacts
    persons: Persons
    agent: int
    token: str

    def figures(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what is counted, as the database groups it."""
        day = tickets.c.opened_at
        asked = {
            "tickets": select(day, tickets.c.category, tickets.c.level, tickets.c.state, tickets.c.answered_at),
            "changes": select(changes.c.at, changes.c.what, func.count()).group_by(changes.c.at, changes.c.what),
            "said": select(messages.c.at, messages.c.author, messages.c.internal),
            "scores": select(ratings.c.at, ratings.c.score),
        }
        with self.engine.connect() as connection:
            found = {name: sorted(map(tuple, connection.execute(query))) for name, query in asked.items()}
            in_contacts = "SELECT outcome, started_at, ended_at FROM contacts ORDER BY id"
            used = "SELECT kind, slug FROM contact_events ORDER BY id"
            flagged = "SELECT kind, slug FROM flags ORDER BY id"
            read = "SELECT slug FROM trail_entries WHERE slug IS NOT NULL ORDER BY position"
            for query in (in_contacts, used, flagged, read):
                found[query] = [tuple(row) for row in connection.exec_driver_sql(query)]
        return found


def make_draft(**given: Any) -> TicketDraft:
    """Return a draft in which every text betrays the person."""
    fields = {"name": NAME, "email": EMAIL, "description": f"{SECRET}: es geht nicht", "category": "wlan",
              "urgency": "high"}  # fmt: skip
    trail = Trail((Searched(SECRET), Opened("wlan", SECRET), Tried("wlan", SECRET, 1, SECRET),
                   Rated("wlan", SECRET, helpful=False)))  # fmt: skip
    file = given.pop("attachment", Attachment(f"{SECRET}.txt", "text/plain", SECRET.encode()))
    key = given.pop("key", "key-1")
    return draft(fields | given, trail, file, key, "sender", "de")


@pytest.fixture
def portal(engine: Engine, clock: Clock, tmp_path: Path) -> Portal:
    """Give a portal in which a person has left traces in every column that can hold one."""
    links = SolutionLinks("secret", clock)
    provider = Provider("Birkennetz", "0221", {"de": "Mo", "en": "Mon"}, "https://hilfe.example")
    post = Post(engine, clock, provider, links, ZoneInfo("Europe/Berlin"))
    store = TicketStore(engine, tmp_path / "attachments", clock, tell=post.tell)
    workplace, solutions, contacts = (
        Workplace(engine, clock, tell=post.tell),
        Solutions(store, links),
        Contacts(engine, clock),
    )
    agent = Accounts(engine, clock).add("Mia Weber", "mia@example.org", Role.FIRST, "zwölf Zeichen lang").id
    number = store.open_ticket(make_draft()).number
    clock.move(minutes=5)
    workplace.escalate(number, ANNA, 2, SECRET, 1)
    workplace.set_tags(number, ANNA, SECRET, 2)
    workplace.set_tags(number, ANNA, "anders", 3)
    workplace.set_tags(number, ANNA, SECRET, 4)
    workplace.note(number, ANNA, SECRET, "note")
    token = solutions.token_of(workplace.solve(number, ANNA, f"{SECRET}.", "solve", 6))
    solutions.accept(token, 5, SECRET)
    events = (
        Event("event-1", EventKind.SEARCHED, clock(), text=SECRET),
        Event("event-2", EventKind.WRONG, clock(), "wlan", "de", SECRET, 0, SECRET, SECRET),
        Event("event-3", EventKind.MAILED, clock(), "wlan", "de", "WLAN", text=EMAIL),
    )
    call = ContactDraft("contact-1", 0, "window", 1, clock(), "de", NAME, EMAIL.upper(), SECRET, SECRET, events)
    contacts.end(agent, call, Outcome.SOLVED)
    contacts.end(agent, replace(call, id="contact-2", email="", events=()), Outcome.TICKET, ticket=number)
    post.mail_article(EMAIL.upper(), "de", SECRET, SECRET, "https://hilfe.example", "key-mail")
    Journal(engine, clock).note_feedback("wlan", "de", False, f"Schreiben Sie an <{EMAIL.upper()}>.")  # noqa: FBT003
    asked = Questions(engine, Askers("secret"))
    asked.add([Asked(f"{SECRET} {EMAIL}", "de", "ticket", clock().date(), asked.askers.ticket(number))])
    asked.add([Asked(SECRET, "de", "call", clock().date(), asked.askers.contact("contact-1"))])
    _fill(engine, clock)
    traces = TicketTraces(engine, store.files, clock)
    wanted = Wishes(engine, clock, WishLinks("secret", "https://hilfe.example", clock), provider, timedelta(days=180))
    wanted.set_ticket(number, wanted=True)
    wanted.ask(EMAIL.upper(), f"{SECRET}?", "de")
    keepers = (asked, ContactTraces(engine), traces, wanted, Mentions(engine))
    persons = Persons(keepers, traces.identify, traces.write_down)
    return Portal(engine, store, workplace, solutions, contacts, persons, agent, token)


def _fill(engine: Engine, clock: Clock) -> None:
    """Put a trace into what only couriers write, and what an old version wrote."""
    with writing(engine) as connection:
        for table in (deliveries, mails):
            connection.execute(update(table).values(remote=SECRET))
        connection.execute(update(messages).values(sender=EMAIL))
        for tried, rows, name in ((attempts, deliveries, "delivery_id"), (mail_attempts, mails, "mail_id")):
            first = connection.scalar(select(func.min(rows.c.id)))
            connection.execute(insert(tried).values(**{name: first}, number=9, started_at=clock(), detail=SECRET))


def texts() -> list[Column[Any]]:
    """Return every column of text of every table."""
    found = [column for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, String)]
    return [column for column in found if column.table.name != "alembic_version"]


def holding(engine: Engine, traces: tuple[str, ...] = TRACES) -> set[str]:
    """Return the columns in which one of the traces stands."""
    with engine.connect() as connection:
        said = {str(column): "\n".join(filter(None, connection.scalars(select(column)))).lower() for column in texts()}
    return {name for name, text in said.items() if any(trace in text for trace in traces)}


def test_every_column_of_text_is_known_to_be_personal_or_not(portal: Portal) -> None:
    """A new table cannot be forgotten: it is filled here, or is said to hold nothing of customers."""
    assert {str(column) for column in texts()} - IMPERSONAL == holding(portal.engine) - {"agents.email"}


def test_after_erasing_nothing_is_found_in_any_table_or_file(portal: Portal) -> None:
    """Neither address nor name nor a text; a second time there is nothing left to do."""
    done = portal.persons.erase(EMAIL.lower())
    assert holding(portal.engine) == set()
    assert list(portal.store.files.iterdir()) == []
    assert done.counts == {"contacts": 2, "tickets": 1, "mails": 5, "files": 1, "mentions": 1, "questions": 2,
                           "wishes": 2}  # fmt: skip
    assert done.outside == (SECRET,) * 5
    assert portal.persons.erase(EMAIL).counts == {}


def test_an_address_in_the_ticket_of_another_is_not_found_any_more(portal: Portal) -> None:
    """The rest of what was written is."""
    number = portal.store.open_ticket(make_draft(
        email="b@example.org", name="Ben", description=f"Für {EMAIL} gilt dasselbe", key="key-2"
    )).number  # fmt: skip
    assert number in [row.number for row in portal.workplace.find(EMAIL)]
    portal.persons.erase(EMAIL)
    assert portal.workplace.find(EMAIL) == ()
    assert [row.number for row in portal.workplace.find("gilt dasselbe")] == [number]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_files_of_sqlite_have_no_word_of_the_erased(portal: Portal) -> None:
    """What FTS5 has deleted stands in its table until it is put together anew."""
    assert b"achtigall" in _index_of(portal.engine)
    portal.persons.erase(EMAIL)
    assert b"tigall" not in _index_of(portal.engine)


def _index_of(engine: Engine) -> bytes:
    with engine.connect() as connection:
        return b"".join(connection.exec_driver_sql("SELECT block FROM ticket_words_index_data").scalars())


def test_figures_are_the_same_before_and_after(portal: Portal) -> None:
    """Days, categories, levels, states, durations, scores, articles that were read."""
    before = portal.figures()
    portal.persons.erase(EMAIL)
    assert portal.figures() == before


def test_it_is_written_down_without_the_person(portal: Portal, clock: Clock) -> None:
    """Once: the second time nothing was erased."""
    for _ in range(2):
        portal.persons.erase(EMAIL)
    with portal.engine.connect() as connection:
        (row,) = connection.execute(select(erasures)).all()
    assert tuple(row)[1:] == (clock(), 1, 2, 5, 1, 1)


def test_neither_key_nor_link_opens_an_erased_ticket(portal: Portal) -> None:
    """An old mail cannot bring a comment back in."""
    portal.persons.erase(EMAIL)
    assert portal.store.by_key("key-1") is None
    assert not portal.solutions.find(portal.token).holds
    with pytest.raises(UnknownTicket):
        portal.store.answer("key-1", "Noch etwas", "again")


def test_staff_can_still_look_at_the_ticket(portal: Portal) -> None:
    """Its history is there, its words are not."""
    portal.persons.erase(EMAIL)
    ticket = portal.store.by_number("W-2026-000001")
    assert ticket
    assert {message.text for message in ticket.messages} == {""}
    assert [type(entry).__name__ for entry in ticket.trail.entries] == ["Opened", "Tried", "Rated"]


def test_an_open_ticket_is_refused_and_nothing_has_changed(portal: Portal) -> None:
    """Somebody waits for an answer."""
    number = portal.store.open_ticket(make_draft(key="key-2")).number
    before = portal.figures(), holding(portal.engine)
    with pytest.raises(StillOpen, match=f"{number}: still open.*--open-too"):
        portal.persons.erase(EMAIL)
    assert (portal.figures(), holding(portal.engine)) == before


def test_an_open_ticket_ends_when_it_is_erased_too(portal: Portal, clock: Clock) -> None:
    """Nothing of it is due, and what was on its way is not tried again."""
    number = portal.store.open_ticket(make_draft(key="key-2")).number
    outbox, mailbag = Outbox(portal.engine, portal.store.files, clock), Mailbag(portal.engine, clock)
    (lease,) = outbox.lease()
    portal.persons.erase(EMAIL, open_too=True)
    ticket = portal.store.by_number(number)
    assert ticket
    assert (ticket.state, ticket.times.due_by, ticket.times.respond_by) == (TicketState.CLOSED, None, None)
    outbox.record([(lease, Report(DeliveryOutcome.DELIVERED, "remote", DeliveryState.DELIVERED))])
    outbox.revive()
    mailbag.revive()
    assert outbox.lease() == mailbag.lease() == []
    assert holding(portal.engine) == set()


def test_an_open_contact_is_refused_too(portal: Portal, clock: Clock) -> None:
    """An agent is just writing it; with it, the window that has it open is told."""
    call = ContactDraft("contact-3", 0, "window", 1, clock(), "de", NAME, EMAIL, "", SECRET)
    portal.contacts.save(portal.agent, call)
    with pytest.raises(StillOpen, match="contact of 2026-11-22"):
        portal.persons.erase(EMAIL)
    with pytest.raises(StillOpen):
        ContactTraces(portal.engine).erase(Person(frozenset({EMAIL.lower()})), open_too=False)
    portal.persons.erase(EMAIL, open_too=True)
    assert portal.contacts.by_name(portal.agent, "contact-3").version == 2
    assert holding(portal.engine) == set()


def test_a_ticket_that_was_opened_again_meanwhile_is_refused(portal: Portal) -> None:
    """Between the first look and the lock of its row."""
    traces = portal.persons.keepers[2]
    portal.store.open_ticket(make_draft(key="key-2"))
    with pytest.raises(StillOpen):
        traces.erase(portal.persons.identify(EMAIL), open_too=False)


def test_a_file_that_another_ticket_has_too_stays(portal: Portal) -> None:
    """The same bytes are kept once."""
    other = Attachment("a.txt", "text/plain", SECRET.encode())
    portal.store.open_ticket(
        make_draft(key="key-2", email="o@example.org", name="O", description="x", attachment=other)
    )
    assert "files" not in portal.persons.erase(EMAIL).counts
    assert len(list(portal.store.files.iterdir())) == 1


def test_an_address_that_only_ends_like_it_is_another_persons(portal: Portal) -> None:
    """Nothing of it is touched."""
    other = f"x.{EMAIL.lower()}"
    portal.store.open_ticket(make_draft(key="key-2", email=other, name="O"))
    portal.persons.erase(EMAIL)
    ticket = portal.store.by_number("W-2026-000002")
    assert ticket
    assert ticket.email == other


def test_an_address_is_found_in_both_its_spellings(portal: Portal) -> None:
    """A ticket keeps the one that travels, a contact the one that was typed."""
    portal.store.open_ticket(make_draft(key="key-2", email="jo@müller.example"))
    person = portal.persons.identify("JO@Müller.example")
    assert person.addresses == {"jo@müller.example", "jo@xn--mller-kva.example"}
    assert person.tickets == {"W-2026-000002"}


def test_what_is_no_address_is_refused(portal: Portal) -> None:
    """In words, before anything is looked for."""
    with pytest.raises(ValueError, match="is no"):
        portal.persons.find("erika")


@pytest.mark.parametrize(
    ("text", "rest"),
    [("An A@B.org, danke", "An …, danke"), ("x.a@b.org", "x.a@b.org"), ("a@b.org.uk", "a@b.org.uk"),
     ("<a@b.org>.", "<…>."), ("İ a@b.org", "İ …")],
)  # fmt: skip
def test_an_address_is_taken_out_of_a_text(text: str, rest: str) -> None:
    """Whole, and in whatever letters."""
    assert without(text, Person(frozenset({"a@b.org"}))) == rest


@pytest.fixture
def settings(portal: Portal, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands work with the portal."""
    del portal
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA", str(tmp_path))


@pytest.mark.usefixtures("settings")
def test_everything_is_exported_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With internal notes and files' names, without what opens anything."""
    assert commands.main(["export-person", EMAIL.upper()]) == 0
    told = json.loads(capsys.readouterr().out)
    (ticket,) = told["tickets"]
    assert {name: len(ticket[name]) for name in ("messages", "trail", "attachments", "ratings", "mails")} == {
        "messages": 4, "trail": 4, "attachments": 1, "ratings": 1, "mails": 3,
    }  # fmt: skip
    assert [len(told[name]) for name in ("contacts", "mails", "wishes")] == [2, 2, 2]
    assert {"key_hash", "digest", "token"}.isdisjoint(json.dumps(told).replace('"', " ").split())


@pytest.mark.usefixtures("settings")
def test_a_folder_has_the_files_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under their names; a folder that is there is not written into, and a lost file is named."""
    assert commands.main(["export-person", EMAIL, str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "attachments" / f"1-{SECRET}.txt").read_text() == SECRET
    assert json.loads((tmp_path / "out" / "person.json").read_text())["address"] == EMAIL
    assert commands.main(["export-person", EMAIL, str(tmp_path / "out")]) == 1
    next((tmp_path / "attachments").iterdir()).unlink()
    assert commands.main(["export-person", EMAIL, str(tmp_path / "again")]) == 1
    assert "is lost" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_erasing_asks_first(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever does not say yes has changed nothing."""
    monkeypatch.setattr("sys.stdin", io.StringIO("no\nyes\n"))
    before = holding(portal.engine)
    assert commands.main(["erase-person", EMAIL]) == 1
    assert holding(portal.engine) == before
    assert commands.main(["erase-person", EMAIL]) == 0
    said = capsys.readouterr().err
    assert "Erased: contacts 2, tickets 1, mails 5, files 1, wishes 2, mentions 1" in " ".join(said.split())
    assert "Received by others" in said
    assert commands.main(["erase-person", EMAIL, "--yes"]) == 0
    assert "Nothing is kept" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_erasing_what_is_open_is_refused_in_words(portal: Portal, capsys: pytest.CaptureFixture[str]) -> None:
    """With the numbers, and the way out."""
    number = portal.store.open_ticket(make_draft(key="key-2")).number
    assert commands.main(["erase-person", EMAIL, "--yes"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"StillOpen: {number}: still open" in said
    assert "--open-too" in said
    assert commands.main(["erase-person", EMAIL, "--yes", "--open-too"]) == 0


def test_notes_of_flags_are_kept_no_longer_than_contacts(portal: Portal, clock: Clock) -> None:
    """That an article is wrong stays."""
    clock.move(days=10)
    portal.contacts.forget(clock() - timedelta(days=1))
    assert {"flags.note", "flags.words"}.isdisjoint(holding(portal.engine))
