"""Who wants to hear of an article, which tickets a draft is for, and what answers the questions of a gap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, and columns to three."""
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wishes"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_wishes_ticket_id"),
        sa.UniqueConstraint("name", name="uq_wishes_name"),
    )
    op.create_index("ix_wishes_address", "wishes", ["address"], unique=False)
    op.create_index("ix_wishes_ticket_id", "wishes", ["ticket_id"], unique=False)
    op.create_table(
        "draft_tickets",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "ticket_id", name="pk_draft_tickets"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="fk_draft_tickets_draft_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_draft_tickets_ticket_id"),
    )
    op.create_index("ix_draft_tickets_ticket_id", "draft_tickets", ["ticket_id"], unique=False)
    op.add_column("drafts", sa.Column("live_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("gaps", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("questions", sa.Column("answer", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("questions", "answer")
    op.drop_column("gaps", "answered_at")
    op.drop_column("drafts", "live_at")
    op.drop_table("draft_tickets")
    op.drop_table("wishes")
