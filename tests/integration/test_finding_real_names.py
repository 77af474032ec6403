"""Names with a wrong jamo, and their initials, find their product on the first page of five.

Every name of the seed and of Glowpick's export, cleaned as ingest cleans them.
"""

import csv
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.domain import Product
from engine.parsing.korean import initials
from engine.parsing.names import product_name
from engine.retrieval.finding import Finder
from engine.retrieval.spellings import brand_spellings
from engine.store.catalogue import Stock
from tests.slips import Slip, slipped

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "data" / "seed" / "products.csv"
GLOWPICK = ROOT / ".." / "shared" / "data" / "glowpick" / "products.csv"
ENOUGH = 0.95

Typed = Callable[[Product], str]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def seed() -> list[Product]:
    return [
        Product(number, row["product_id"], row["brand"], row["name"], row["category"])
        for number, row in enumerate(rows_of(SEED), 1)
    ]


def glowpick() -> list[Product]:
    once = {row["product_url"]: row for row in rows_of(GLOWPICK)}
    return [
        Product(
            number,
            row["product_url"],
            row["brand"],
            product_name(row["product"], row["brand"]),
            row["category"],
        )
        for number, row in enumerate(once.values(), 1)
    ]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(seed, id="seed"),
        pytest.param(
            glowpick,
            id="glowpick",
            marks=pytest.mark.skipif(
                not GLOWPICK.exists(), reason="../shared/data is absent: no real names"
            ),
        ),
    ],
)
def catalogue(request: pytest.FixtureRequest) -> tuple[list[Product], Finder]:
    products: list[Product] = request.param()
    return products, Finder(Stock(tuple(products)))


def by_name(product: Product) -> str:
    return product.name


def by_brand_and_name(product: Product) -> str:
    """The brand as written, or as one of its spellings, by the product's number."""
    spelled = brand_spellings(product.brand)
    return f"{spelled[product.id % len(spelled)]} {product.name}"


def missed(products: list[Product], finder: Finder, typed: Typed) -> list[tuple[str, str]]:
    """(name, what was typed) of the products that are not on the first page."""
    asked = [(one, typed(one)) for one in products]
    return [(one.title, text) for one, text in asked if one.id not in finder.find(text, 1).items]


@pytest.mark.parametrize("spelled", [by_name, by_brand_and_name])
@pytest.mark.parametrize("slip", list(Slip))
def test_a_name_with_one_wrong_jamo_finds_its_product(
    catalogue: tuple[list[Product], Finder], slip: Slip, spelled: Typed
) -> None:
    products, finder = catalogue
    draw = random.Random(f"{slip} {spelled.__name__}")
    lost = missed(products, finder, lambda one: slipped(spelled(one), slip, draw))
    print(f"{slip} in {spelled.__name__}: {1 - len(lost) / len(products):.4f}")
    assert len(lost) <= (1 - ENOUGH) * len(products), lost[:10]


@pytest.mark.parametrize("spaced", [True, False], ids=["spaced", "unspaced"])
@pytest.mark.parametrize("spelled", [by_name, by_brand_and_name])
def test_initial_consonants_find_their_product(
    catalogue: tuple[list[Product], Finder], spelled: Typed, spaced: bool
) -> None:
    products, finder = catalogue

    def typed(one: Product) -> str:
        return (" " if spaced else "").join(map(initials, spelled(one).split()))

    lost = missed(products, finder, typed)
    tied = Counter(initials(spelled(one)) for one in products)
    alike = sum(count for count in tied.values() if count > 1)
    print(f"{spelled.__name__}: {1 - len(lost) / len(products):.4f}; {alike} share their initials")
    assert len(lost) <= (1 - ENOUGH) * len(products), lost[:10]


@pytest.mark.parametrize("spelled", [by_name, by_brand_and_name])
def test_every_name_finds_its_product(
    catalogue: tuple[list[Product], Finder], spelled: Typed
) -> None:
    products, finder = catalogue
    names = Counter(one.name for one in products)
    lost = missed(products, finder, spelled)
    assert [title for title, _ in lost if names[title] < 6] == []
