"""Mails to customers with their tries, what solved a ticket, and how satisfied its customer is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the column."""
    op.add_column("tickets", sa.Column("solution_id", sa.Integer(), nullable=True))
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("next_try"),
        _moment("leased_until", nullable=True),
        sa.Column("remote", sa.String(length=200), nullable=True),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_mails_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("token", name="uq_mails_token"),
    )
    op.create_index("ix_mails_ticket_id", "mails", ["ticket_id"], unique=False)
    op.create_index("ix_mails_state_next_try", "mails", ["state", "next_try"], unique=False)
    op.create_index("ix_mails_kind_created_at", "mails", ["kind", "created_at"], unique=False)
    op.create_table(
        "mail_attempts",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_mail_attempts_mail_id"),
        sa.PrimaryKeyConstraint("mail_id", "number", name="pk_mail_attempts"),
    )
    op.create_table(
        "ratings",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("solution_id", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at"),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ratings_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "solution_id", name="pk_ratings"),
    )


def downgrade() -> None:
    """Take them away again, with every mail in them."""
    op.drop_table("ratings")
    op.drop_table("mail_attempts")
    for columns in ("kind_created_at", "state_next_try", "ticket_id"):
        op.drop_index(f"ix_mails_{columns}", "mails")
    op.drop_table("mails")
    op.drop_column("tickets", "solution_id")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
