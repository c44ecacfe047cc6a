"""Which articles were begun, and from which ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of drafts."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("branch", sa.String(length=210), nullable=False),
        sa.Column("agent", sa.String(length=100), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_drafts_ticket_id"),
        sa.UniqueConstraint("key_hash", name="uq_drafts_key_hash"),
    )
    op.create_index("ix_drafts_ticket_id", "drafts", ["ticket_id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("drafts")
