"""Finding products among 20,000: the finder beside an SQL LIKE, on the same texts.

    python -m benchmarks.finding

Products are made of the seed's words by a seeded generator. The peer is what one writes first:
every typed word LIKE the squeezed brand, name and category, sorted by reviews, a page of five,
and a count of all. Both times are from the text to five `Product`s out of the same SQLite file.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import psutil
from sqlalchemy import func, select

from benchmarks.retrieval import SEED
from engine.domain import Product
from engine.parsing.korean import initials, squeeze
from engine.retrieval.finding import Finder
from engine.store.catalogue import PAGE_SIZE, Catalogue
from engine.store.database import Database
from engine.store.tables import ProductRow
from tests.builders import frames, load
from tests.slips import Slip, slipped

PRODUCTS = 20_000
QUERIES = 200
"""Of each kind."""
WISHES = (
    "지성 크림 2만원대",
    "건성 토너 만원 이하",
    "여드름 진정 에센스",
    "저렴한 로션",
    "수분 크림 3만원 미만",
    "민감성 1~2만원",
    "토너",
    "주름 크림",
)
Ask = Callable[[str], Awaitable[Sequence[int]]]


def catalogue(count: int = PRODUCTS) -> pd.DataFrame:
    """Names of two to five words of the seed's names, each brand's names once."""
    draw = random.Random(20_000)
    seed = pd.read_csv(SEED / "products.csv", dtype={"product_id": str})
    words = sorted({word for name in seed["name"] for word in name.split()})
    made: dict[tuple[str, str], str] = {}
    while len(made) < count:
        one = seed.iloc[draw.randrange(len(seed))]
        first = draw.sample(words, draw.randint(1, 4))
        made[one["brand"], " ".join([*first, one["name"].split()[-1]])] = one["category"]
    return pd.DataFrame(
        {
            "product_id": f"p{number:05}",
            "brand": brand,
            "name": name,
            "category": category,
            "price": draw.randrange(5_000, 60_000, 100),
            "volume": "100ml",
            "picture": None,
            "url": None,
            "on_sale": draw.random() < 0.95,
            "ingredients": (),
        }
        for number, ((brand, name), category) in enumerate(made.items())
    )


def reviews(products: pd.DataFrame) -> pd.DataFrame:
    """Two a product on the average, in the seed's own words for skin and effect."""
    draw = random.Random(1)
    seed = pd.read_csv(SEED / "reviews.csv", dtype={"product_id": str})
    drawn = seed.sample(2 * len(products), replace=True, random_state=1, ignore_index=True)
    drawn["product_id"] = draw.choices(products["product_id"].tolist(), k=len(drawn))
    drawn["reviewer"] = [f"r{number}" for number in range(len(drawn))]
    return drawn


def texts(products: Sequence[Product]) -> dict[str, list[tuple[str, int | None]]]:
    """Kind → (typed, the product that is meant)."""
    draw = random.Random(2)

    def drawn() -> list[Product]:
        return draw.sample(list(products), QUERIES)

    def any_slip(text: str) -> str:
        return slipped(text, draw.choice(list(Slip)), draw)

    return {
        "the name": [(p.name, p.id) for p in drawn()],
        "brand and name": [(f"{p.brand} {p.name}", p.id) for p in drawn()],
        "its words turned round": [(" ".join(reversed(p.name.split())), p.id) for p in drawn()],
        "a name with a wrong jamo": [(any_slip(p.name), p.id) for p in drawn()],
        "brand and name with a wrong jamo": [
            (any_slip(f"{p.brand} {p.name}"), p.id) for p in drawn()
        ],
        "initial consonants": [(initials(p.name), p.id) for p in drawn()],
        "one word with a wrong jamo": [
            (any_slip(draw.choice(p.name.split())), None) for p in drawn()
        ],
        "two initials of a word": [(initials(p.name.split()[-1])[:2], None) for p in drawn()],
        "wishes": [(draw.choice(WISHES), None) for _ in range(QUERIES)],
        "nothing that is there": [(any_slip("존재하지 않는 물건"), None) for _ in range(QUERIES)],
    }


def like(database: Database) -> Ask:
    """The peer."""
    reading = Catalogue(database)

    async def ask(text: str) -> Sequence[int]:
        words = [squeeze(word) for word in text.split()]
        holds = [ProductRow.search.contains(word, autoescape=True) for word in words if word]
        order = (ProductRow.on_sale.desc(), ProductRow.reviews.desc(), ProductRow.id)
        found = select(ProductRow.id).where(~ProductRow.gone, *holds)
        async with database.read() as connection:
            await connection.execute(select(func.count()).select_from(found.subquery()))
            page = await connection.execute(found.order_by(*order).limit(PAGE_SIZE))
            ids = list(page.scalars())
        return list(await reading.products(ids))

    return ask


def finding(database: Database, finder: Finder) -> Ask:
    """As the engine does it."""
    reading = Catalogue(database)

    async def ask(text: str) -> Sequence[int]:
        page = await asyncio.to_thread(finder.find, text, 1)
        return list(await reading.products(page.items))

    return ask


@dataclass(slots=True)
class Measured:
    spent: list[float] = field(default_factory=list)
    """Milliseconds."""
    found: list[bool] = field(default_factory=list)
    """Whether the product that was meant is on the first page."""

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(self.spent + other.spent, self.found + other.found)

    def cells(self) -> tuple[str, str, str]:
        p50, p99 = np.percentile(self.spent, (50, 99))
        share = f"{100 * np.mean(self.found):.1f} %" if self.found else "–"
        return f"{p50:.1f}", f"{p99:.1f}", share


async def measured(ask: Ask, asked: Sequence[tuple[str, int | None]]) -> Measured:
    result = Measured()
    for text, meant in asked:
        began = time.perf_counter()
        page = await ask(text)
        result.spent.append((time.perf_counter() - began) * 1e3)
        if meant is not None:
            result.found.append(meant in page)
    return result


async def compare(database: Database, finder: Finder, products: Sequence[Product]) -> None:
    print("| what is typed | LIKE p50 | p99 | found | finder p50 | p99 | found |")
    print("|---|---|---|---|---|---|---|")
    peers = like(database), finding(database, finder)
    whole = [Measured(), Measured()]
    for kind, asked in texts(products).items():
        both = [await measured(ask, asked) for ask in peers]
        whole = [one + more for one, more in zip(whole, both, strict=True)]
        print(line(kind, both))
    print(line("all of them", whole))


def line(kind: str, both: Sequence[Measured]) -> str:
    return f"| {kind} | {' | '.join(cell for one in both for cell in one.cells())} |"


def alone(finder: Finder, products: Sequence[Product]) -> str:
    """The finder without a database, a thread's start and what else the machine does."""
    spent = []
    for asked in texts(products).values():
        for text, _ in asked:
            began = time.thread_time()
            finder.find(text, 1)
            spent.append((time.thread_time() - began) * 1e3)
    p50, p99 = np.percentile(spent, (50, 99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms of processor time"


async def main() -> None:
    made = catalogue()
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/bench.db")
        said = reviews(made)
        await Catalogue(database).replace(load(), made, frames([])[1], said)
        before = psutil.Process().memory_info().rss
        stock = await Catalogue(database).stock()
        began = time.perf_counter()
        finder = Finder(stock)
        built = time.perf_counter() - began
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        await compare(database, finder, stock.products)
        print(
            f"\nMilliseconds from the text to five products; «found»: the product that was meant "
            f"is on the first page. The finder alone takes {alone(finder, stock.products)}. "
            f"{len(stock.products):,} products, {len(said):,} reviews. The finder is built in "
            f"{built:.1f} s and holds {finder.bytes / 2**20:.1f} MiB (the process grew by "
            f"{grown:.0f} MiB, reading the rows included)."
        )
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
