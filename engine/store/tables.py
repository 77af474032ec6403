"""Every table, as SQLAlchemy 2 typed classes. SQLite and PostgreSQL both take all of it.

The schema itself is made by `migrations/`; a test holds the two together.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID_AT_MOST = 2**31 - 1
"""PostgreSQL's INTEGER ends here; a forged button may not."""


TICKET_AT_MOST = 2**63 - 1
"""… and its BIGINT here."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware on the way in, UTC on the way out, also where SQLite forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that people typed. NUL and lone surrogates go: PostgreSQL takes neither."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Words,
        bytes: LargeBinary,
        datetime: Moment,
        date: Date,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


# --- the catalogue: replaced by every load -------------------------------------------------------


class ProductRow(Table):
    """Rows are never deleted: likes point at them and ids stay the same over loads."""

    __tablename__ = "products"
    __table_args__ = (Index(None, "gone", "on_sale", "reviews"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    name: Mapped[str]
    category: Mapped[str]
    price: Mapped[int | None]
    volume: Mapped[str | None]
    picture: Mapped[str | None]
    url: Mapped[str | None]
    on_sale: Mapped[bool]
    gone: Mapped[bool]
    """Not in the current load."""
    rating: Mapped[float | None]
    """Mean of its reviews."""
    reviews: Mapped[int]
    search: Mapped[str]
    """Brand, name and category, squeezed."""


class IngredientRow(Table):
    """Rows are never deleted, so that ids in old buttons keep their meaning."""

    __tablename__ = "ingredients"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    inci: Mapped[str | None]
    cas: Mapped[str | None]
    roles: Mapped[list[Any]]
    origin: Mapped[str | None]
    definition: Mapped[str | None]
    limits: Mapped[str | None]
    aliases: Mapped[list[Any]]
    gone: Mapped[bool]
    """Neither in the current load's dictionary nor in one of its formulas."""
    search: Mapped[str] = mapped_column(index=True)
    """The name, squeezed."""


class ProductIngredientRow(Table):
    """A formula's line; `position` counts from 1 in the label's order."""

    __tablename__ = "product_ingredients"
    __table_args__ = (UniqueConstraint("ingredient_id", "product_id"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    ingredient_id: Mapped[int] = mapped_column(ForeignKey("ingredients.id"))


class ReviewRow(Table):
    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("product_id", "reviewer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    reviewer: Mapped[str]
    rating: Mapped[float]
    skin_type: Mapped[str | None]
    effect: Mapped[str | None]
    irritation: Mapped[str | None]
    text: Mapped[str]


class LoadRow(Table):
    __tablename__ = "loads"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    products: Mapped[int]
    reviews: Mapped[int]
    ingredients: Mapped[int]
    digest: Mapped[str]


class CurrentLoadRow(Table):
    """One row: the load that serves."""

    __tablename__ = "current_load"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    load_id: Mapped[str] = mapped_column(ForeignKey("loads.id"))


_WAITING = text("content IS NOT NULL")

# --- people: erased on their word ----------------------------------------------------------------


class PersonRow(Table):
    """Everything below that points here goes with it."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    blocked: Mapped[bool] = mapped_column(server_default=false())
    """The person blocked the bot in the channel."""
    address: Mapped[str | None]
    """Where the channel reaches them, encrypted; only with the consent to advertising."""


def _owner(*, primary_key: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=primary_key)


class ConsentRow(Table):
    """Append-only. The proof outlives the person, so it names a hash and points nowhere."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "channel", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    subject: Mapped[str]
    """HMAC-SHA-256 of channel and the channel's id (people.py)."""
    purpose: Mapped[str] = mapped_column(server_default="service")
    version: Mapped[str]
    agreed: Mapped[bool]
    text_sha256: Mapped[str]
    at: Mapped[datetime]


class StandingRow(Table):
    """The optional consents that stand, for what asks about many people at once. Written in the
    transaction of the proof in `consents`, which outlives it; a withdrawn one has no row."""

    __tablename__ = "standing_consents"
    __table_args__ = (Index(None, "purpose", "at"),)

    person_id: Mapped[int] = _owner(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    """When it was given, or confirmed for another two years."""
    asked_at: Mapped[datetime | None]
    """When the person was told of those two years and asked to confirm."""


class ProfileRow(Table):
    __tablename__ = "profiles"

    person_id: Mapped[int] = _owner(primary_key=True)
    age_band: Mapped[str | None]
    gender: Mapped[str | None]
    skin_type: Mapped[str | None]
    concerns: Mapped[list[Any]]
    avoided: Mapped[list[Any]]
    health: Mapped[list[Any]] = mapped_column(server_default="[]")
    at: Mapped[datetime]


class LikeRow(Table):
    __tablename__ = "likes"

    person_id: Mapped[int] = _owner(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    rating: Mapped[float]
    at: Mapped[datetime]


class DialogueRow(Table):
    """`shown` follows `version`: less means replies that the person may not have seen."""

    __tablename__ = "dialogues"

    person_id: Mapped[int] = _owner(primary_key=True)
    state: Mapped[str]
    version: Mapped[int]
    shown: Mapped[int]
    waiting: Mapped[bool]
    """A request is open."""


class EventRow(Table):
    """The inbox. What was applied already names no person, so it may outlive one; kept 8 days."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_waiting", "channel", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    sender: Mapped[str | None]
    """The channel's id of the person; with `content`, and gone with it."""
    content: Mapped[str | None]
    """What the channel brought, while it waits to be applied; None since."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often a start of the process took it up."""


class AnswerRow(Table):
    __tablename__ = "answers"

    person_id: Mapped[int] = _owner(primary_key=True)
    ticket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    question: Mapped[str]
    text: Mapped[str]
    writer: Mapped[str]
    sources: Mapped[list[Any]]
    at: Mapped[datetime] = mapped_column(index=True)
    intent: Mapped[str] = mapped_column(server_default="")
    """What the question was understood to want; empty: not known."""
    prompt_version: Mapped[str] = mapped_column(server_default="")
    """Empty where no model wrote it; so with `model`."""
    model: Mapped[str] = mapped_column(server_default="")
    """The model's or adapter's name on its server."""
    passages: Mapped[list[Any]] = mapped_column(server_default="[]")
    """Ids of the documents that it was written from."""
    again_of: Mapped[int | None] = mapped_column(BigInteger)
    """The ticket of the first answer to the same question, where this is the second."""
    preferred: Mapped[bool | None]
    """Of a second answer: whether it was chosen over the first; None: nothing was chosen."""


class FeedbackRow(Table):
    """👍 or 👎, one for each target: a product, or the answer of a ticket."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("person_id", "product_id"),
        UniqueConstraint("person_id", "ticket"),
        CheckConstraint("(product_id IS NULL) <> (ticket IS NULL)", name="one_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = _owner()
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    ticket: Mapped[int | None] = mapped_column(BigInteger)
    good: Mapped[bool]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")
    """Why it was no good, where it was said: «wrong», «beside», «long», «unkind»."""


class MilestoneRow(Table):
    """Counted for the statistics. `person_id` only of those who agreed to be known."""

    __tablename__ = "milestones"
    __table_args__ = (Index(None, "name", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[str]
    name: Mapped[str]
    detail: Mapped[str]
    at: Mapped[datetime]


# --- the shop: what its admins did ---------------------------------------------------------------


class AdminActionRow(Table):
    """Append-only: who did what, and when."""

    __tablename__ = "admin_actions"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    """The channel and the admin's id in it; «page» and «command line» have no id."""
    what: Mapped[str]
    detail: Mapped[str]


class BroadcastRow(Table):
    """A message to a segment of people, and how far it is."""

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    """What the asker calls it: asked for twice under one key, it is one broadcast."""
    at: Mapped[datetime]
    author: Mapped[str]
    content: Mapped[dict[str, Any]]
    """Text, link and what else it says (broadcasts.py); the picture stands beside it."""
    picture: Mapped[bytes | None]
    segment: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    total: Mapped[int]
    """Recipients when it was asked for; those erased since have no row any more."""
    report: Mapped[dict[str, Any]]
    """Where its progress is shown to the author; empty where it is not."""
    finished_at: Mapped[datetime | None]


class DeliveryRow(Table):
    """One recipient. `sending` is committed before the call, so a crash leaves it there."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "broadcast_id", "state"),)

    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[str]
    detail: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    """Calls that the platform answered with an error of its own."""
    at: Mapped[datetime]
    """Of its state; while `waiting`, not to be taken before."""


class LeaseRow(Table):
    """Work that one process at a time does: whoever holds it, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]


class LinkRow(Table):
    """A counted link: `/go/<id>` leads to its address and nowhere else."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("source", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    """What it stands on: «product 12», «broadcast 3»."""
    url: Mapped[str]


class ClickRow(Table):
    """How often a link was followed in one day of Seoul; by whom is not kept."""

    __tablename__ = "clicks"

    link_id: Mapped[int] = mapped_column(
        ForeignKey("links.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class ChoiceRow(Table):
    """What an admin chose while the bot runs."""

    __tablename__ = "choices"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    at: Mapped[datetime]
