"""The tables of tickets, their messages and their deliveries."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from app.database import Moment, metadata

numbers = Table(
    "numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("sender_hash", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("level", Integer, nullable=False),
    Column("lang", String(5), nullable=False),
    Column("name", String(100), nullable=False),
    Column("email", String(254), nullable=False),
    Column("category", String(100), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),  # counts up with every change, for stale pages
    Column("assignee", String(40)),  # id of the agent who has it
    Column("summary", Text),  # what the level before says
    Column("tags", String(100), nullable=False, server_default=text("''")),  # in their order, a space between two
    Column("solution_id", Integer),  # id of the message that solved it last
    Column("respond_by", Moment),  # until when the customer is answered; empty while nobody waits for an answer
    Column("solve_by", Moment),
    Column("due_by", Moment),  # the sooner of the two; empty while the ticket waits for the customer, or is solved
    Column("warn_at", Moment),  # from when on that is soon
    Column("climb_at", Moment),  # when the category's rule hands it to a higher level, if it is not answered before
    Column("answered_at", Moment),  # when an agent answered first
    Column("waiting_since", Moment),  # since when it waits for the customer, or is solved
    Column("paused", Integer, nullable=False, server_default="0"),  # seconds of working time that it stood still before
    Index(None, "due_by"),
    Index(None, "climb_at"),
    Index(None, "opened_at"),
    Index(None, "sender_hash", "opened_at"),
    Index(None, "state", "level"),
    Index(None, "assignee", "state"),
    Index(None, "state", "changed_at"),
    Index(None, "changed_at"),
    Index(None, "answered_at"),
)

trail_entries = Table(
    "trail_entries",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("slug", String(200)),  # the article it is about, if any
    Column("entry", Text, nullable=False),
    Index(None, "slug"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("author", String(10), nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(100)),  # name of the agent
    Column("version", Integer, nullable=False, server_default="1"),  # of the ticket, which it came with
    Column("shown", Integer),  # characters before the quote and the signature of a mail; empty: all
    Column("sender", String(254)),  # address of a mail that is not the ticket's
    UniqueConstraint("ticket_id", "key_hash"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("who", String(100), nullable=False),
    Column("what", String(20), nullable=False),
    Column("was", String(100)),
    Column("became", String(100), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),  # of the ticket, which it came with
    Index(None, "at"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("media_type", String(50), nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("sha256", String(64), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # names it outside, the same in every try
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("remote", String(200)),  # what the helpdesk calls it
    Column("created_at", Moment, nullable=False),
    Index(None, "state", "next_try"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),  # empty while it goes on, and when its process died
    Column("outcome", String(10)),
    Column("detail", String(500)),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), index=True),  # none: an article for somebody without a ticket
    Column("kind", String(10), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("lang", String(5), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # names it outside, the same in every try
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("remote", String(200)),  # what the mail server calls it
    Column("created_at", Moment, nullable=False),
    Column("bounced_at", Moment),  # when it came back
    Index(None, "state", "next_try"),
    Index(None, "kind", "created_at"),
)

mail_attempts = Table(
    "mail_attempts",
    metadata,
    Column("mail_id", ForeignKey("mails.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),  # empty while it goes on, and when its process died
    Column("outcome", String(10)),
    Column("detail", String(500)),
)

received = Table(
    "received",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the mail
    Column("verdict", String(10), nullable=False),
    Column("ticket_id", ForeignKey("tickets.id")),
    Column("at", Moment, nullable=False),
    Index(None, "ticket_id", "at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("solution_id", Integer, primary_key=True, autoincrement=False),  # id of the message that solved it
    Column("at", Moment, nullable=False),
    Column("score", Integer),  # 1 to 5; none where only a comment was left
    Column("comment", Text, nullable=False),
    Index(None, "at"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id")),  # empty when the ticket is gone: the count stays
    Column("field", String(20), nullable=False),
    Column("suggested", String(100), nullable=False),
    Column("chosen", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("ticket_id", "field"),
    Index(None, "at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    *(Column(kind, Integer, nullable=False) for kind in ("tickets", "contacts", "mails", "files", "mentions")),
)
"""When persons were erased and how much that was; nothing says who it was."""
ticket_links = Table(
    "ticket_links",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),  # a duplicate, or the older of two that are linked
    Column("other_id", ForeignKey("tickets.id"), primary_key=True, index=True),
    Column("kind", String(10), nullable=False),
)

ticket_words = Table(
    "ticket_words",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),  # each once, folded; searched through an index that migration 0011 makes
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), index=True),  # none: begun from a gap
    Column("slug", String(200), nullable=False),
    Column("branch", String(210), nullable=False),
    Column("agent", String(100), nullable=False),  # name of who began it
    Column("key_hash", String(64), nullable=False, unique=True),  # of the form, so that a repeat is recognised
    Column("at", Moment, nullable=False),
    Column("live_at", Moment),  # since when it can be found; then the tickets were told
)

draft_tickets = Table(
    "draft_tickets",
    metadata,
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),  # begun from a gap, in which these tickets were
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True, index=True),
)

wishes = Table(
    "wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # in the signed link, so that no id is used twice
    Column("state", String(10), nullable=False),
    Column("address", String(64), nullable=False, index=True),  # keyed hash of the e-mail address
    Column("email", String(254), nullable=False),  # empty where no more mails are wanted
    Column("ticket_id", ForeignKey("tickets.id"), index=True),  # none: it was asked on the page of a search
    Column("question", String(300), nullable=False),  # masked; empty with a ticket
    Column("lang", String(5), nullable=False),
    Column("at", Moment, nullable=False),
)
