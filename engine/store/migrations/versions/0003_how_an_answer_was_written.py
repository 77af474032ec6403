"""How an answer was written, which of two was better, why one was no good; what was chosen."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    for name in ("intent", "prompt_version", "model"):
        op.add_column("answers", sa.Column(name, sa.Text(), server_default="", nullable=False))
    passages = sa.Column("passages", sa.JSON(), server_default="[]", nullable=False)
    op.add_column("answers", passages)
    op.add_column("answers", sa.Column("again_of", sa.BigInteger(), nullable=True))
    op.add_column("answers", sa.Column("preferred", sa.Boolean(), nullable=True))
    op.add_column("feedback", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "choices",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_choices"),
    )


def downgrade() -> None:
    op.drop_table("choices")
    op.drop_column("feedback", "reason")
    for name in ("preferred", "again_of", "passages", "model", "prompt_version", "intent"):
        op.drop_column("answers", name)
