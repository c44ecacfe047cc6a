"""The tables of agents, their sessions and their contacts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from app.database import Moment, metadata

agents = Table(
    "agents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("email", String(254), nullable=False, unique=True),  # in lower case
    Column("password_hash", String(200), nullable=False),  # empty: none opens the account
    Column("role", String(20), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),  # to the minute
    Column("ended_at", Moment),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),  # random, made by the browser that began it
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(10), nullable=False),
    Column("lang", String(5), nullable=False),
    Column("caller", String(100), nullable=False),
    Column("email", String(254), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("notes", Text, nullable=False),
    Column("ticket", String(20), index=True),  # number of what it became
    Column("callback_at", Moment),
    Column("version", Integer, nullable=False),  # counts up with every change, for stale pages
    Column("tab", String(40), nullable=False),  # which window wrote last
    Column("turn", Integer, nullable=False),  # and how many saves that was of it
    Index(None, "agent_id", "started_at"),
    Index(None, "ended_at"),
)

contact_events = Table(
    "contact_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("key", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("slug", String(200), nullable=False),
    Column("lang", String(5), nullable=False),
    Column("title", String(300), nullable=False),
    Column("step", Integer, nullable=False),
    Column("text", String(300), nullable=False),
    Column("words", String(300), nullable=False),
    UniqueConstraint("contact_id", "key"),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),  # wrong or missing
    Column("slug", String(200), nullable=False),  # empty where an article is missing
    Column("lang", String(5), nullable=False),
    Column("words", String(300), nullable=False),  # what was searched
    Column("note", String(300), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id"), index=True),  # empty once the contact is deleted
    Column("at", Moment, nullable=False),
    Index(None, "slug"),
    Index(None, "at"),
)
