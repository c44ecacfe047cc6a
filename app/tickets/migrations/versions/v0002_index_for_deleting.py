"""An index, so that deleting a message need not read every delivery."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_deliveries_message_id", "deliveries", ["message_id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_deliveries_message_id", "deliveries")
