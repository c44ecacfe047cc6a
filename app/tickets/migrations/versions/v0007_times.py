"""Until when a ticket is due, and what agents make of suggestions. Tickets from before get their times by the job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENTS = ("respond_by", "solve_by", "due_by", "warn_at", "climb_at", "answered_at", "waiting_since")


def upgrade() -> None:
    """Add the columns, and the table of decisions."""
    for name in MOMENTS:
        op.add_column("tickets", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("paused", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_tickets_due_by", "tickets", ["due_by"], unique=False)
    op.create_index("ix_tickets_climb_at", "tickets", ["climb_at"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("suggested", sa.String(length=100), nullable=False),
        sa.Column("chosen", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_suggestions_ticket_id"),
        sa.UniqueConstraint("ticket_id", "field", name="uq_suggestions_ticket_id_field"),
    )
    op.create_index("ix_suggestions_at", "suggestions", ["at"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("suggestions")
    for name in ("climb_at", "due_by"):
        op.drop_index(f"ix_tickets_{name}", "tickets")
    for name in ("paused", *MOMENTS):
        op.drop_column("tickets", name)
