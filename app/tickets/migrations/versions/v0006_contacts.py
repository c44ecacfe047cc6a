"""Contacts: documented conversations, what happened in them, and articles that were flagged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("contacts", *_contact(), sa.PrimaryKeyConstraint("id", name="pk_contacts"),
                    sa.UniqueConstraint("name", name="uq_contacts_name"),
                    sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_contacts_agent_id"))  # fmt: skip
    op.create_index("ix_contacts_agent_id_started_at", "contacts", ["agent_id", "started_at"], unique=False)
    op.create_index("ix_contacts_ticket", "contacts", ["ticket"], unique=False)
    op.create_table(
        "contact_events", *_event(), sa.PrimaryKeyConstraint("id", name="pk_contact_events"),
        sa.UniqueConstraint("contact_id", "key", name="uq_contact_events_contact_id_key"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_events_contact_id"),
    )  # fmt: skip
    op.create_table("flags", *_flag(), sa.PrimaryKeyConstraint("id", name="pk_flags"),
                    sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_flags_agent_id"),
                    sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_flags_contact_id"))  # fmt: skip
    op.create_index("ix_flags_contact_id", "flags", ["contact_id"], unique=False)
    op.create_index("ix_flags_slug", "flags", ["slug"], unique=False)


def downgrade() -> None:
    """Take them away again, with every contact in them."""
    for table in ("flags", "contact_events", "contacts"):
        op.drop_table(table)


def _contact() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        _text("name", 40),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(_text(name, size) for name, size in (("outcome", 10), ("lang", 5), ("caller", 100), ("email", 254))),
        _text("phone", 40),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("ticket", sa.String(length=20), nullable=True),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("tab", 40),
        sa.Column("turn", sa.Integer(), nullable=False),
    )


def _event() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        _text("key", 40),
        _text("kind", 10),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(_text(name, size) for name, size in (("slug", 200), ("lang", 5), ("title", 300))),
        sa.Column("step", sa.Integer(), nullable=False),
        _text("text", 300),
        _text("words", 300),
    )


def _flag() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name, size) for name, size in (("kind", 10), ("slug", 200), ("lang", 5), ("words", 300))),
        _text("note", 300),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _text(name: str, size: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=size), nullable=False)
