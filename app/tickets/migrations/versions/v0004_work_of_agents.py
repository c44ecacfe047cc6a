"""What agents do with tickets: who has one, its version, tags, what the level before says, and who wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the index for queues."""
    op.add_column("tickets", _version())
    op.add_column("tickets", sa.Column("assignee", sa.String(length=40), nullable=True))
    op.add_column("tickets", sa.Column("summary", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("tags", sa.String(length=100), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_tickets_state_level", "tickets", ["state", "level"], unique=False)
    op.add_column("messages", sa.Column("who", sa.String(length=100), nullable=True))
    op.add_column("messages", _version())
    op.add_column("changes", _version())


def downgrade() -> None:
    """Take them away again, with what agents wrote in them."""
    op.drop_column("changes", "version")
    op.drop_column("messages", "version")
    op.drop_column("messages", "who")
    op.drop_index("ix_tickets_state_level", "tickets")
    for name in ("tags", "summary", "assignee", "version"):
        op.drop_column("tickets", name)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)
