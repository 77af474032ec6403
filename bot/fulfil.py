"""Request → result: the one place that meets the engine.

`Fulfilment(person, request)` serves the dialogue; `ask(request)` serves what has no dialogue
(pictures, inline search, links).
"""

import json
import logging
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, assert_never
from urllib.parse import quote

from bot.conversation import Progress
from bot.desk import Desk, DeskRequest
from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    AnalyseFormula,
    Answered,
    AskModels,
    AskStatistics,
    CategoriesListed,
    Compare,
    Compared,
    Consult,
    EnqueueBroadcast,
    Explain,
    Explained,
    Exported,
    ExportMine,
    Failed,
    Failure,
    FindPeers,
    FormulaAnalysed,
    FormulaListed,
    IngredientFound,
    IngredientMissed,
    LabelUnread,
    ListBroadcasts,
    ListCategories,
    ListFormula,
    LookUp,
    NameProducts,
    NoticeRead,
    PeersFound,
    Plan,
    Planned,
    PreviewBroadcast,
    ProductsFound,
    ProductShown,
    ProductsNamed,
    ReadLabel,
    ReadNotice,
    Recommend,
    Recommended,
    Request,
    Result,
    SearchProducts,
    ShowProduct,
    SteerBroadcast,
    Unread,
)
from bot.links import CountedLinks
from bot.models import Models
from bot.photos import PhotoGone, Photos
from bot.reports import Reports
from engine.domain import (
    Answer,
    Comparison,
    Ingredient,
    Page,
    Person,
    Product,
    Question,
    Recommendation,
    Routine,
    RoutineStep,
)
from engine.engine import Engine
from engine.errors import EngineError, IndexUnavailable, UnknownIngredient, UnknownProduct
from engine.generation.model import Queued
from engine.labels import LabelReader, PhotoUnfit, ReadingTooLong
from engine.store.people import People

PATIENCE: Final[Mapping[str, float]] = {"kakao": 45.0}
"""Seconds that a model's answer may take, waiting for its turn included; elsewhere the model's own
(60). KakaoTalk's callback is good for a minute from the question on, and the answer has to be
brought, too."""

logger = logging.getLogger(__name__)

_CITED = re.compile(r"\s*\[\d[\d,\s]*\]")
"""The grounds stand nowhere else, so their numbers would point to nothing."""


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
    def __init__(
        self,
        engine: Engine,
        people: People,
        shop: Shop,
        desk: Desk | None = None,
        *,
        reports: Reports | None = None,
        models: Models | None = None,
        counted: CountedLinks | None = None,
        labels: LabelReader | None = None,
        photos: Photos | None = None,
    ) -> None:
        """Without `labels`, or in a channel without `photos`, no photo is read."""
        self._desk = desk
        self._reports = reports
        self._models = models
        self._counted = counted
        self._labels = labels
        self._photos = {} if photos is None else photos
        self._engine = engine
        self._people = people
        self._shop = shop

    async def __call__(
        self, person: Person, request: Request
    ) -> AsyncGenerator[Progress | Result, None]:
        """Pieces of a streamed answer, then the one result; an engine's error is a `Failed`."""
        try:
            if isinstance(request, Consult):
                async with aclosing(self._consult(person, request)) as pieces:
                    async for piece in pieces:
                        yield piece
            elif isinstance(request, Explain):
                async with aclosing(self._explain(person, request)) as pieces:
                    async for piece in pieces:
                        yield piece
            elif isinstance(request, DeskRequest):
                if self._desk is None:
                    raise TypeError("there are no admins without a desk")
                yield await self._desk(person, request)
            elif isinstance(request, AskStatistics):
                if self._reports is None:
                    raise TypeError("there are no statistics without reports")
                yield await self._reports(person, request)
            elif isinstance(request, AskModels):
                if self._models is None:
                    raise TypeError("there is no choice of models without one")
                yield await self._models(person, request)
            elif isinstance(request, ReadLabel):
                yield await self._read_label(person, request)
            elif isinstance(request, ExportMine):
                kept = await self._people.export(person)
                yield Exported(request.ticket, _now(), _pretty(kept))
            else:
                yield await self.ask(request, person)
        except UnknownIngredient as error:
            yield IngredientMissed(request.ticket, _now(), error.name, error.near)
        except EngineError as error:
            logger.warning("request %s failed: %s", type(request).__name__, error)
            yield Failed(request.ticket, _now(), _failure(error))

    async def ask(self, request: Request, asker: Person | None = None) -> Result:
        """The result of any request that is not streamed. `asker` is left out of who is counted.

        Raises EngineError.
        """
        engine = self._engine
        match request:
            case Recommend(ticket, query):
                found = await engine.recommend(query, asker)
                unknown = await engine.unknown(query.conditions.without)
                best = tuple([await self._recommendation(each) for each in found])
                return Recommended(ticket, _now(), best, unknown)
            case Plan(ticket, query, budget, before):
                routine = await engine.routine(query, budget, before, asker)
                return Planned(ticket, _now(), await self._routine(routine))
            case Compare(ticket, products, profile):
                compared = await engine.compare(products, profile)
                return Compared(ticket, _now(), await self._comparison(compared))
            case FindPeers(ticket, profile):
                return PeersFound(ticket, _now(), await engine.peers(profile))
            case ListCategories(ticket):
                return CategoriesListed(ticket, _now(), await engine.categories())
            case Explain(ticket, query, product):
                explained = await engine.explain(query, product, asker)
                return Explained(ticket, _now(), await self._recommendation(explained))
            case SearchProducts(ticket, text, number, size):
                page = await engine.search(text, number, size)
                return ProductsFound(ticket, _now(), await self._page(page))
            case NameProducts(ticket, products):
                named = await engine.products(products)
                return ProductsNamed(ticket, _now(), await self._all_linked(named))
            case ShowProduct(ticket, product):
                shown = await self._linked(await engine.product(product))
                return ProductShown(ticket, _now(), shown)
            case ListFormula(ticket, product, avoided):
                formula = await engine.formula(product)
                shown = await self._linked(await engine.product(product))
                minded = await engine.avoided(avoided)
                return FormulaListed(ticket, _now(), shown, formula, _among(formula, minded))
            case AnalyseFormula(ticket, names, known, avoided):
                reading = await engine.analyse(names, known)
                minded = await engine.avoided(avoided)
                return FormulaAnalysed(ticket, _now(), reading, _among(reading.known, minded))
            case LookUp(ticket, name, ingredient, number, picks, avoided, product):
                sheet = await engine.look_up(
                    name, ingredient, number, picks=picks, avoided=avoided, product=product
                )
                page = await self._page(sheet.products)
                return IngredientFound(ticket, _now(), replace(sheet, products=page))
            case ReadNotice(ticket):
                shop = self._shop
                return NoticeRead(ticket, _now(), shop.name, shop.contact, shop.notice)
            case (
                ReadLabel()
                | Consult()
                | ExportMine()
                | PreviewBroadcast()
                | EnqueueBroadcast()
                | ListBroadcasts()
                | SteerBroadcast()
                | AskStatistics()
                | AskModels()
            ):
                raise TypeError(f"{type(request).__name__} needs the fulfilment's own call")
            case _:
                assert_never(request)

    async def _read_label(
        self, person: Person, request: ReadLabel
    ) -> FormulaAnalysed | LabelUnread:
        fetch = self._photos.get(person.channel)
        if self._labels is None or fetch is None:
            return LabelUnread(request.ticket, _now(), Unread.OFF)
        try:
            text = await self._labels.read(await fetch(request.file))
        except (PhotoGone, PhotoUnfit) as error:
            logger.info("a photo is not read: %s", error)
            return LabelUnread(request.ticket, _now(), Unread.GONE)
        except ReadingTooLong as error:
            logger.warning("a photo is not read: %s", error)
            return LabelUnread(request.ticket, _now(), Unread.BUSY)
        reading = await self._engine.read_label(text)
        if not reading.known:
            return LabelUnread(request.ticket, _now(), Unread.UNCLEAR)
        minded = await self._engine.avoided(request.avoided)
        return FormulaAnalysed(request.ticket, _now(), reading, _among(reading.known, minded))

    async def _consult(
        self, person: Person, request: Consult
    ) -> AsyncGenerator[Progress | Result, None]:
        """Left half way, it closes the model's stream at once."""
        text = ""
        patience = PATIENCE.get(person.channel)
        async with aclosing(self._engine.consult(request.question, patience)) as pieces:
            async for piece in pieces:
                match piece:
                    case Answer():
                        yield Answered(request.ticket, _now(), piece)
                    case Queued(ahead):
                        yield Progress(texts.queued(ahead), ahead)
                    case str():
                        text += piece
                        yield Progress(text)

    async def _explain(
        self, person: Person, request: Explain
    ) -> AsyncGenerator[Progress | Result, None]:
        """The reasons, in a model's words where there is one that keeps to them."""
        engine, asked = self._engine, Question("", request.query.profile, request.abroad)
        found = await engine.explain(request.query, request.product, person)
        words, text = "", ""
        patience = PATIENCE.get(person.channel)
        told = engine.why(found.product, evidence.grounds(found), asked, patience)
        async with aclosing(told) as pieces:
            async for piece in pieces:
                match piece:
                    case Answer():
                        words = _CITED.sub("", piece.text)
                    case str():
                        text += piece
                        yield Progress(_CITED.sub("", text))
                    case Queued():
                        pass
        shown = await self._recommendation(found)
        yield Explained(request.ticket, _now(), shown, words)

    async def _linked(self, product: Product) -> Product:
        """With the address of its page at the shop, counted where clicks are counted."""
        url = product.url
        if not url and self._shop.product_url:
            url = self._shop.product_url.replace("{name}", quote(product.title))
        if url and self._counted:
            url = await self._counted(f"product {product.id}", url)
        return product if url == product.url else replace(product, url=url)

    async def _all_linked(self, products: Iterable[Product]) -> tuple[Product, ...]:
        return tuple([await self._linked(product) for product in products])

    async def _page(self, page: Page[Product]) -> Page[Product]:
        return replace(page, items=await self._all_linked(page.items))

    async def _comparison(self, compared: Comparison) -> Comparison:
        sides = [(await self._linked(product), known) for product, known in compared.sides]
        return replace(compared, sides=tuple(sides))

    async def _routine(self, routine: Routine) -> Routine:
        return replace(
            routine,
            morning=tuple([await self._step(step) for step in routine.morning]),
            evening=tuple([await self._step(step) for step in routine.evening]),
        )

    async def _step(self, step: RoutineStep) -> RoutineStep:
        return replace(step, recommendation=await self._recommendation(step.recommendation))

    async def _recommendation(self, recommendation: Recommendation) -> Recommendation:
        return replace(recommendation, product=await self._linked(recommendation.product))


def _among(ingredients: Iterable[Ingredient], avoided: frozenset[int]) -> frozenset[int]:
    return frozenset(each.id for each in ingredients if each.id in avoided)


def _pretty(kept: Mapping[str, Any]) -> str:
    """JSON for people to read; the dialogue's state, text in the store, is part of it."""
    dialogues = [row | {"state": json.loads(row["state"])} for row in kept["dialogue"]]
    return json.dumps({**kept, "dialogue": dialogues}, ensure_ascii=False, indent=2)


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
