"""How long the shop's figures take for 100,000 people.

python -m benchmarks.statistics [people]    # SQLite in a folder of its own
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, insert

from bot.charts import draw
from engine.domain import AgeBand, Concern, Gender, SkinType
from engine.store.database import Database
from engine.store.statistics import Statistics
from engine.store.tables import (
    AnswerRow,
    ClickRow,
    FeedbackRow,
    LikeRow,
    LinkRow,
    MilestoneRow,
    PersonRow,
    ProductRow,
    ProfileRow,
    Table,
)

PEOPLE = 100_000
PRODUCTS = 1_000
AT_ONCE = 20_000

Row = dict[str, Any]


@dataclass
class Town:
    """Rows of people who came over four months, more of them lately."""

    people: int
    now: datetime
    rows: dict[type[Table], list[Row]] = field(default_factory=dict)

    def add(self, table: type[Table], **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def build(self) -> None:
        dice = random.Random(1)
        for product in range(1, PRODUCTS + 1):
            self.add(ProductRow, **_product(product))
            self.add(LinkRow, id=product, source=f"product {product}", url=f"https://s/{product}")
            for back in range(0, 90, 3):
                day = (self.now - timedelta(days=back)).date()
                self.add(ClickRow, link_id=product, day=day, count=dice.randint(1, 9))
        for id in range(1, self.people + 1):
            self._person(id, self.now - timedelta(days=dice.random() ** 2 * 120), dice)

    def _person(self, id: int, at: datetime, dice: random.Random) -> None:
        seen = {"channel": "web", "external_id": str(id), "created_at": at, "seen_at": at}
        self.add(PersonRow, id=id, blocked=False, address=None, **seen)
        if dice.random() < 0.85:
            self._note(id, "consented", at)
        if dice.random() < 0.2:
            words = dice.choice(("달팽이 크림", "콜라겐", f"나만의 {id}"))
            self._note(id, "searched_in_vain", at, words)
        if dice.random() < 0.7:
            self.add(ProfileRow, person_id=id, at=at, **_profile(dice))
            for product in {min(PRODUCTS, 1 + int(dice.expovariate(0.02))) for _ in range(5)}:
                self.add(LikeRow, person_id=id, product_id=product, rating=5.0, at=at)
            for _ in range(3):
                self._note(id, "recommended", at)
        if dice.random() < 0.3:
            answer = {"question": "", "text": "", "writer": "model", "sources": [], "at": at}
            self.add(AnswerRow, person_id=id, ticket=1, **answer)
            good = dice.random() < 0.7
            product = dice.randint(1, PRODUCTS)
            self.add(FeedbackRow, person_id=id, product_id=product, ticket=None, good=good, at=at)

    def _note(self, id: int, name: str, at: datetime, detail: str = "") -> None:
        self.add(MilestoneRow, person_id=id, channel="web", name=name, detail=detail, at=at)

    def move_in(self, connection: Connection) -> None:
        for table, rows in self.rows.items():
            for part in _parts(rows):
                connection.execute(insert(table), part)


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _product(id: int) -> Row:
    words = {"brand": "새벽숲", "name": f"크림 {id}", "category": "크림", "search": "크림"}
    rest = {"price": 1, "volume": None, "picture": None, "url": None, "rating": 4.0, "reviews": 1}
    return {"id": id, "key": f"p{id}", "on_sale": True, "gone": False, **words, **rest}


def _profile(dice: random.Random) -> Row:
    return {
        "skin_type": dice.choice(list(SkinType)).value,
        "age_band": dice.choice(list(AgeBand)).value,
        "gender": dice.choice(list(Gender)).value,
        "concerns": sorted(one.value for one in dice.sample(list(Concern), dice.randint(0, 4))),
        "avoided": [],
        "health": [],
    }


async def measure(people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/ppoyami.db")
        town = Town(people, datetime.now(UTC))
        town.build()
        await database.transact(town.move_in)
        statistics = Statistics(database)
        for days in (7, 30, None):
            started = perf_counter()
            figures = await statistics.gather(days, town.now)
            print(f"{people:,} people, {days or 'all'} days: {perf_counter() - started:.2f} s")
        started = perf_counter()
        picture = draw(figures)
        print(f"the picture: {perf_counter() - started:.2f} s, {len(picture) // 1024} KiB")
        await database.close()


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if sys.argv[1:] else PEOPLE))
