"""The inbox, the separate consents, and what a shop's admins do."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = (
    "standing_consents",
    "milestones",
    "admin_actions",
    "broadcasts",
    "deliveries",
    "leases",
    "links",
    "clicks",
)


def upgrade() -> None:
    op.add_column("people", sa.Column("address", sa.Text(), nullable=True))
    op.add_column(
        "consents", sa.Column("purpose", sa.Text(), server_default="service", nullable=False)
    )
    op.add_column("profiles", sa.Column("health", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("events", sa.Column("sender", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("content", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    waiting = sa.text("content IS NOT NULL")
    op.create_index(
        "ix_events_waiting",
        "events",
        ["channel"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    _consents()
    _statistics()
    _broadcasts()
    _links()


def _consents() -> None:
    op.create_table(
        "standing_consents",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_standing_consents_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "purpose", name="pk_standing_consents"),
    )
    op.create_index("ix_standing_consents_purpose_at", "standing_consents", ["purpose", "at"])


def _statistics() -> None:
    op.create_table(
        "milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_milestones_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_milestones"),
    )
    op.create_index("ix_milestones_name_at", "milestones", ["name", "at"])
    op.create_index("ix_milestones_person_id", "milestones", ["person_id"])
    op.create_table(
        "admin_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_admin_actions"),
    )
    op.create_index("ix_admin_actions_at", "admin_actions", ["at"])


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("key", name="uq_broadcasts_key"),
    )
    op.create_index("ix_broadcasts_state", "broadcasts", ["state"])
    op.create_table(
        "deliveries",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcasts.id"],
            name="fk_deliveries_broadcast_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_deliveries_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_broadcast_id_state", "deliveries", ["broadcast_id", "state"])
    op.create_index("ix_deliveries_person_id", "deliveries", ["person_id"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("source", "url", name="uq_links_source_url"),
    )
    op.create_table(
        "clicks",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name="fk_clicks_link_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_id", "day", name="pk_clicks"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_events_waiting", "events")
    for table, column in (
        ("events", "attempts"),
        ("events", "content"),
        ("events", "sender"),
        ("profiles", "health"),
        ("consents", "purpose"),
        ("people", "address"),
    ):
        op.drop_column(table, column)
