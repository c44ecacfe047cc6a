"""Incoming mail: what was received, what of a message is shown, who sent it, and which of our mails came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the columns."""
    op.add_column("messages", sa.Column("shown", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("sender", sa.String(length=254), nullable=True))
    op.add_column("mails", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_received"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_received_ticket_id"),
        sa.UniqueConstraint("digest", name="uq_received_digest"),
    )
    op.create_index("ix_received_ticket_id_at", "received", ["ticket_id", "at"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_received_ticket_id_at", "received")
    op.drop_table("received")
    op.drop_column("mails", "bounced_at")
    op.drop_column("messages", "sender")
    op.drop_column("messages", "shown")
