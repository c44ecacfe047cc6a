"""Which tickets are about the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of links."""
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name="pk_ticket_links"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_links_ticket_id"),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name="fk_ticket_links_other_id"),
    )
    op.create_index("ix_ticket_links_other_id", "ticket_links", ["other_id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("ticket_links")
