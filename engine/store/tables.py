"""Every table, as SQLAlchemy 2 typed classes. SQLite and PostgreSQL both take all of it.

The schema itself is made by `migrations/`; a test holds the two together.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
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
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Words, datetime: Moment, list[Any]: JSON}


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
    version: Mapped[str]
    agreed: Mapped[bool]
    text_sha256: Mapped[str]
    at: Mapped[datetime]


class ProfileRow(Table):
    __tablename__ = "profiles"

    person_id: Mapped[int] = _owner(primary_key=True)
    age_band: Mapped[str | None]
    gender: Mapped[str | None]
    skin_type: Mapped[str | None]
    concerns: Mapped[list[Any]]
    avoided: Mapped[list[Any]]
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
    """What was applied already. Names no person, so it may outlive one; kept 8 days."""

    __tablename__ = "events"

    channel: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class AnswerRow(Table):
    __tablename__ = "answers"

    person_id: Mapped[int] = _owner(primary_key=True)
    ticket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    question: Mapped[str]
    text: Mapped[str]
    writer: Mapped[str]
    sources: Mapped[list[Any]]
    at: Mapped[datetime] = mapped_column(index=True)


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
