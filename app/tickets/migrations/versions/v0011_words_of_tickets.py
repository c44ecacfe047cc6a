"""Words of tickets with their index, and indexes for the queue, its news and the figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tickets.words import write_all_words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = (
    ("tickets", ("assignee", "state")),
    ("tickets", ("state", "changed_at")),
    ("tickets", ("changed_at",)),
    ("tickets", ("answered_at",)),
    ("changes", ("at",)),
    ("ratings", ("at",)),
    ("contacts", ("ended_at",)),
    ("flags", ("at",)),
)
FTS5 = (
    """CREATE VIRTUAL TABLE ticket_words_index
    USING fts5(words, content='ticket_words', content_rowid='ticket_id', tokenize='ascii', prefix='2 3')""",
    """CREATE TRIGGER ticket_words_insert AFTER INSERT ON ticket_words BEGIN
    INSERT INTO ticket_words_index (rowid, words) VALUES (new.ticket_id, new.words); END""",
    """CREATE TRIGGER ticket_words_delete AFTER DELETE ON ticket_words BEGIN
    INSERT INTO ticket_words_index (ticket_words_index, rowid, words) VALUES ('delete', old.ticket_id, old.words);
    END""",
    """CREATE TRIGGER ticket_words_update AFTER UPDATE ON ticket_words BEGIN
    INSERT INTO ticket_words_index (ticket_words_index, rowid, words) VALUES ('delete', old.ticket_id, old.words);
    INSERT INTO ticket_words_index (rowid, words) VALUES (new.ticket_id, new.words); END""",
)
"""The words are folded already: the tokenizer `ascii` has nothing to do but to part them at spaces."""
GIN = "CREATE INDEX ticket_words_index ON ticket_words USING gin (array_to_tsvector(string_to_array(words, ' ')))"
"""No parser of PostgreSQL takes part, so that both databases have the same words."""


def upgrade() -> None:
    """Make the table and the indexes, and fold what was written before."""
    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_ticket_words"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_words_ticket_id"),
    )
    for statement in FTS5 if _is_sqlite() else (GIN,):
        op.execute(sa.text(statement))
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=False)
    write_all_words(op.get_bind())


def downgrade() -> None:
    """Take them away again."""
    for table, columns in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    op.drop_table("ticket_words")
    if _is_sqlite():
        op.execute(sa.text("DROP TABLE ticket_words_index"))


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
