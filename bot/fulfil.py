"""Request → result: the one place that meets the engine.

`Fulfilment(request)` serves the dialogue; `ask(request)` serves what has no dialogue (pictures,
inline search, links).
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import quote

from bot.conversation import Progress
from bot.dialogue.model import (
    Answered,
    Consult,
    Explain,
    Explained,
    Failed,
    Failure,
    FormulaListed,
    IngredientFound,
    IngredientMissed,
    ListFormula,
    LookUp,
    NameProducts,
    NoticeRead,
    ProductsFound,
    ProductShown,
    ProductsNamed,
    ReadNotice,
    Recommend,
    Recommended,
    Request,
    Result,
    SearchProducts,
    ShowProduct,
)
from engine.domain import Answer, Page, Product, Recommendation
from engine.engine import Engine
from engine.errors import EngineError, IndexUnavailable, UnknownIngredient, UnknownProduct

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shop:
    """What the operator says of the shop."""

    name: str = ""
    contact: str = ""
    notice: str = ""
    """How personal data is treated; empty: our own text."""
    product_url: str | None = None
    """With `{name}`: the link of a product that has none."""


class Fulfilment:
    def __init__(self, engine: Engine, shop: Shop) -> None:
        self._engine = engine
        self._shop = shop

    async def __call__(self, request: Request) -> AsyncIterator[Progress | Result]:
        """Pieces of a streamed answer, then the one result; an engine's error is a `Failed`."""
        try:
            if isinstance(request, Consult):
                async for piece in self._consult(request):
                    yield piece
            else:
                yield await self.ask(request)
        except UnknownIngredient as error:
            yield IngredientMissed(request.ticket, _now(), error.name, error.near)
        except EngineError as error:
            logger.warning("request %s failed: %s", type(request).__name__, error)
            yield Failed(request.ticket, _now(), _failure(error))

    async def ask(self, request: Request) -> Result:
        """The result of any request but Consult. Raises EngineError."""
        engine = self._engine
        match request:
            case Recommend(ticket, query):
                found = await engine.recommend(query)
                return Recommended(ticket, _now(), tuple(map(self._recommendation, found)))
            case Explain(ticket, query, product):
                explained = await engine.explain(query, product)
                return Explained(ticket, _now(), self._recommendation(explained))
            case SearchProducts(ticket, text, number):
                page = await engine.search(text, number)
                return ProductsFound(ticket, _now(), self._page(page))
            case NameProducts(ticket, products):
                named = await engine.products(products)
                return ProductsNamed(ticket, _now(), tuple(map(self._linked, named)))
            case ShowProduct(ticket, product):
                return ProductShown(ticket, _now(), self._linked(await engine.product(product)))
            case ListFormula(ticket, product):
                formula = await engine.formula(product)
                shown = self._linked(await engine.product(product))
                return FormulaListed(ticket, _now(), shown, formula)
            case LookUp(ticket, name, ingredient, number):
                sheet = await engine.look_up(name, ingredient, number)
                return IngredientFound(
                    ticket, _now(), replace(sheet, products=self._page(sheet.products))
                )
            case ReadNotice(ticket):
                shop = self._shop
                return NoticeRead(ticket, _now(), shop.name, shop.contact, shop.notice)
            case Consult():
                raise TypeError("an answer is streamed: call the fulfilment itself")
            case _:
                assert_never(request)

    async def _consult(self, request: Consult) -> AsyncIterator[Progress | Result]:
        text = ""
        async for piece in self._engine.consult(request.question):
            if isinstance(piece, Answer):
                yield Answered(request.ticket, _now(), piece)
            else:
                text += piece
                yield Progress(text)

    def _linked(self, product: Product) -> Product:
        if product.url or not self._shop.product_url:
            return product
        return replace(product, url=self._shop.product_url.replace("{name}", quote(product.title)))

    def _page(self, page: Page[Product]) -> Page[Product]:
        return replace(page, items=tuple(map(self._linked, page.items)))

    def _recommendation(self, recommendation: Recommendation) -> Recommendation:
        return replace(recommendation, product=self._linked(recommendation.product))


def _failure(error: EngineError) -> Failure:
    match error:
        case UnknownProduct():
            return Failure.PRODUCT_GONE
        case IndexUnavailable():
            return Failure.INDEX_UNAVAILABLE
        case _:
            return Failure.UNAVAILABLE


def _now() -> datetime:
    return datetime.now(UTC)
