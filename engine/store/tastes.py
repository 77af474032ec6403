"""What people of the bot think of products, as it stands now: newer than any load's ratings."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.store.database import Database
from engine.store.tables import FeedbackRow, LikeRow, PersonRow, ProductRow

GOOD = 4.0
"""What 👍 on a product says as a rating; 👎 is BAD. What somebody rated themselves goes before."""
BAD = 2.0

Mark = tuple[object, ...]
"""Numbers of rows, their newest times and the sum of the ratings."""


@dataclass(frozen=True, slots=True)
class Taste:
    channel: str
    person: str
    """The channel's id of them, as the store keeps it."""
    key: str
    """The shop's product key."""
    rating: float


class Tastes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(self) -> Mark:
        """Differs from an earlier one where anything was rated, taken back or erased since."""

        def read(connection: Connection) -> Mark:
            likes, words = (connection.execute(one).one() for one in (_LIKES_MARK, _WORDS_MARK))
            return (*tuple(likes), *tuple(words))

        return await self._database.look(read)

    async def all(self) -> tuple[Taste, ...]:
        """One of each person and product, ordered by both."""

        def read(connection: Connection) -> tuple[Taste, ...]:
            found: dict[tuple[str, str, str], float] = {}
            for channel, person, key, good in connection.execute(_FEEDBACK):
                found[channel, person, key] = GOOD if good else BAD
            for channel, person, key, rating in connection.execute(_LIKES):
                found[channel, person, key] = rating
            return tuple(Taste(*told, rating) for told, rating in sorted(found.items()))

        return await self._database.look(read)


_LIKES_MARK = select(func.count(), func.max(LikeRow.at), func.sum(LikeRow.rating))
_WORDS_MARK = select(func.count(), func.max(FeedbackRow.at)).where(
    FeedbackRow.product_id.is_not(None)
)
_WHO = (PersonRow.channel, PersonRow.external_id, ProductRow.key)
_LIKES = (
    select(*_WHO, LikeRow.rating)
    .select_from(LikeRow)
    .join(PersonRow, PersonRow.id == LikeRow.person_id)
    .join(ProductRow, ProductRow.id == LikeRow.product_id)
)
_FEEDBACK = (
    select(*_WHO, FeedbackRow.good)
    .select_from(FeedbackRow)
    .join(PersonRow, PersonRow.id == FeedbackRow.person_id)
    .join(ProductRow, ProductRow.id == FeedbackRow.product_id)
)
