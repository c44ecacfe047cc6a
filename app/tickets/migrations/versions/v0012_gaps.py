"""What was asked, and the gaps that it makes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("weeks", sa.String(length=100), nullable=False),
        sa.Column("nearest", sa.String(length=610), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("asker", sa.String(length=24), nullable=False),
        sa.Column("nearest", sa.String(length=610), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("gap_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name="fk_questions_gap_id"),
    )
    op.create_index("ix_questions_day", "questions", ["day"], unique=False)
    op.create_index("ix_questions_gap_id", "questions", ["gap_id"], unique=False)
    op.create_index("ix_questions_asker_day", "questions", ["asker", "day"], unique=False)


def downgrade() -> None:
    """Take them away again, with what was asked."""
    op.drop_table("questions")
    op.drop_table("gaps")
