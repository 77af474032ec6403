"""Engine: recommend, search, look_up, consult. The async face of everything that knows products.

What keeps a processor busy (scores, embeddings, Chroma) runs in threads from here.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from langchain_core.embeddings import Embeddings

from engine.domain import (
    Answer,
    Basis,
    Comparison,
    Conditions,
    DocumentKind,
    Evidence,
    Favourite,
    Ingredient,
    IngredientSheet,
    Load,
    Page,
    Passage,
    Peers,
    Person,
    Place,
    Product,
    Query,
    Question,
    Quote,
    Reading,
    Recommendation,
    Routine,
    RoutineStep,
    SkinProfile,
    SkinType,
    Stage,
    UnknownName,
)
from engine.errors import (
    CatalogueEmpty,
    IndexUnavailable,
    MatrixUnavailable,
    UnknownIngredient,
    UnknownProduct,
)
from engine.generation import prompts
from engine.generation.adapters import Adapters
from engine.generation.checks.names import Known
from engine.generation.consult import Consultant, Consulted
from engine.generation.guard import Guard
from engine.generation.model import Queued, ServerModel
from engine.generation.understanding import Understander
from engine.generation.unknown import Stock
from engine.recommend import routine
from engine.recommend.cautions import cares, conflicts
from engine.recommend.knn import Overlay
from engine.recommend.matrix import Interactions
from engine.recommend.notable import Pantry, scent_matters
from engine.recommend.recommender import Recommender, Scored
from engine.recommend.suitability import Suitability, suitable
from engine.retrieval.documents import ingredient_passage
from engine.retrieval.embedding import embedder, universal
from engine.retrieval.finding import Finder
from engine.retrieval.generations import generation
from engine.retrieval.hybrid import HybridRetriever
from engine.retrieval.index import Index
from engine.retrieval.quotes import sides
from engine.retrieval.wishes import Wishes
from engine.settings import EngineSettings
from engine.store.catalogue import PAGE_SIZE, Catalogue
from engine.store.choices import Choices
from engine.store.database import Database
from engine.store.tastes import Mark, Taste, Tastes
from engine.store.voices import ADMIRES, Voice, Voices

GROUP_AT_LEAST = 5
"""Fewer people of a skin type are no group: what they choose could be told of one of them."""
FAVOURITES = 5
QUOTES_OF_A_SIDE = 1
NEAR_AT_MOST = 4
"""Names of a list that near ones are looked for."""
NEAR_EACH = 2
WATCH_SECONDS = 5.0
TASTES_SECONDS = 1.0
"""How old what people rated in the bot may be for others."""
TASTES_SHARE = 20
"""Looking whether it changed, and reading it, takes at most one of so many seconds."""
MEANT_AT_MOST = 1000
"""Typed names whose meaning is kept for each load."""
STAGE_WORDS = {
    Stage.TONER: ("토너",),
    Stage.ESSENCE: ("에센스",),
    Stage.SUNSCREEN: ("선크림",),
    Stage.CREAM: ("크림", "로션"),
}
"""What a shop's categories for a stage are called; «선크림» before «크림»."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Shelf:
    """One load, opened. What is asked of it is answered from it, whatever is loaded meanwhile."""

    load: Load
    folder: Path
    ids: Mapping[str, int]
    """Product key → id, of the products that are in the catalogue."""
    keys: Mapping[int, str]
    formulas: Mapping[int, frozenset[int]]
    on_sale: frozenset[int]
    labels: Mapping[int, Product]
    """What each product's category and price are."""
    pantry: Pantry
    acting: Mapping[int, str]
    """Names of the ingredients that a routine has to mind."""
    recommender: Recommender | None
    index: Index | None
    consultant: Consultant | None
    finder: Finder
    voices: dict[tuple[int, SkinType | None], Voice] = field(default_factory=dict)
    """What was counted of it so far: it stays so as long as the load does."""
    meant: dict[str, frozenset[int]] = field(default_factory=dict)
    """Typed name → ingredients, the same way."""

    def suitable(self, query: Query, avoided: Iterable[int]) -> frozenset[str]:
        """Keys of the products that may be recommended."""
        fitting = suitable(
            Suitability(
                formulas=self.formulas,
                on_sale=self.on_sale,
                avoided=frozenset(avoided),
                picked=frozenset(query.liked),
                excluded=query.excluded,
                fitting=self._fitting(query.conditions),
            )
        )
        return frozenset(self.keys[product] for product in fitting if product in self.keys)

    def liked(self, query: Query) -> dict[str, float]:
        known = self.keys
        return {
            known[product]: rating for product, rating in query.liked.items() if product in known
        }

    def categories(self) -> tuple[str, ...]:
        """Of what is sold, the fullest first."""
        counted = Counter(
            self.labels[one].category for one in sorted(self.on_sale & {*self.labels})
        )
        return tuple(category for category, _ in counted.most_common())

    def _fitting(self, conditions: Conditions) -> frozenset[int] | None:
        """Products of the category and price; None where neither is asked for."""
        if conditions.category is None and not conditions.priced:
            return None
        named = _categories(conditions.category, self.categories())
        return frozenset(
            product
            for product, label in self.labels.items()
            if (named is None or label.category in named) and _affordable(label, conditions)
        )

    def close(self) -> None:
        if self.index is not None:
            self.index.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Counter:
    """One load for one person who wants a routine."""

    shelf: _Shelf
    query: Query
    overlay: Overlay | None

    def plan(
        self, avoided: Iterable[int], budget: int | None, before: Collection[tuple[int, ...]]
    ) -> routine.Outcome:
        shelf, profile = self.shelf, self.query.profile
        suits = {shelf.ids[key] for key in shelf.suitable(self.query, avoided)}
        shelves = routine.Shelves(
            stages=by_stage({one: shelf.labels[one].category for one in suits}),
            prices={one: shelf.labels[one].price for one in suits},
            acting={one: _acting(shelf, one) for one in suits},
        )
        delicate = profile.skin_type is SkinType.SENSITIVE or bool(profile.health)
        return routine.plan(shelves, self._ranked, budget, before, delicate=delicate)

    def scored(self, products: Iterable[int]) -> list[Scored]:
        recommender, liked = _recommender(self.shelf), self.shelf.liked(self.query)
        skin_type = self.query.profile.skin_type
        return [
            recommender.explain(liked, self.shelf.keys[one], skin_type, self.overlay)
            for one in products
        ]

    def _ranked(self, products: frozenset[int], n: int) -> list[int]:
        allowed = frozenset(self.shelf.keys[one] for one in products)
        scored = _recommender(self.shelf).recommend(
            self.shelf.liked(self.query),
            self.query.profile.skin_type,
            n,
            allowed,
            self.overlay,
        )
        return [self.shelf.ids[one.key] for one in _filled(scored, allowed, n)]


@dataclass(frozen=True, slots=True, eq=False)
class _Newer:
    """What people rated in the bot, over one load's matrix."""

    mark: Mark
    recommender: Recommender
    ratings: Interactions
    rows: Mapping[str, int]
    """Person → row of `ratings`."""


class Engine:
    def __init__(
        self,
        settings: EngineSettings,
        database: Database,
        embeddings: Embeddings,
        model: ServerModel | None,
        tastes_seconds: float = TASTES_SECONDS,
    ) -> None:
        self._settings = settings
        self._database = database
        self._catalogue = Catalogue(database)
        self._voices = Voices(database)
        self._embeddings = embeddings
        self._model = model
        self._adapters: Adapters | None = None
        if model is not None and settings.llm is not None:
            base, shelf = settings.llm.model, settings.llm.adapters
            self._adapters = Adapters(model, Choices(database), base, shelf)
        self._shelf: _Shelf | None = None
        self._tastes = Tastes(database)
        self._tastes_seconds = tastes_seconds
        self._newer: _Newer | None = None
        self._newer_until = 0.0
        self._renewing = asyncio.Lock()
        self._refused: tuple[str, int] | None = None
        self._refused_index: str | None = None
        self._readers: Counter[int] = Counter()
        self._retired: list[_Shelf] = []

    @classmethod
    async def open(cls, settings: EngineSettings, database: Database) -> Self:
        """Open the current load and warm it up. Raises EngineError where the embedder is wrong."""
        embeddings = await asyncio.to_thread(embedder, settings.embedding)
        model = ServerModel(settings.llm) if settings.llm else None
        engine = cls(settings, database, embeddings, model)
        await engine.refresh()
        return engine

    async def close(self) -> None:
        for shelf in (*self._retired, *((self._shelf,) if self._shelf else ())):
            await asyncio.to_thread(shelf.close)
        if self._model is not None:
            await self._model.close()

    @property
    def adapters(self) -> Adapters | None:
        """Who may answer; None without a language model."""
        return self._adapters

    @property
    def model(self) -> ServerModel | None:
        return self._model

    @property
    def load(self) -> Load | None:
        """The open load; None before the first ingest."""
        return self._shelf.load if self._shelf else None

    @property
    def consultant(self) -> Consultant | None:
        """The open load's, for measurements; None where it has no index."""
        return self._shelf.consultant if self._shelf else None

    async def refresh(self) -> None:
        """Let the chosen adapter speak. Swap in the store's current load where it is not the open
        one, and its index where that was built again. A load that cannot recommend is left until
        its matrix is written again, as long as the open one can."""
        if self._adapters is not None:
            await self._adapters.follow()
        load = await self._catalogue.current_load()
        old = self._shelf
        if load is None:
            return
        if old is not None and old.load.id == load.id and not self._mended(old):
            await self._reindexed(old)
            return
        stamp = load.id, _written(self._settings.artifacts / load.id / "matrix")
        if stamp == self._refused:
            return
        opened = await self._opened(load)
        if old is not None and old.recommender is not None and opened.recommender is None:
            logger.error("load %s cannot recommend; %s goes on", load.id, old.load.id)
            self._refused = stamp
            await asyncio.to_thread(opened.close)
            return
        self._shelf, self._refused = opened, None
        logger.info("load %s is open: %s products", load.id, load.products)
        if old is not None:
            self._retired.append(old)
            await self._discard(old)

    async def _reindexed(self, old: _Shelf) -> None:
        """Swap in the index that was built since; who is being answered keeps the old one. One
        that cannot be opened is told of once."""
        folder = old.folder / "index"
        serving = generation(folder)
        if old.index is None or serving in (None, old.index.generation, self._refused_index):
            return
        index = await asyncio.to_thread(self._index, folder)
        if index is None:
            self._refused_index = serving
            return
        consultant = await asyncio.to_thread(self._consultant, index)
        self._shelf = replace(old, index=index, consultant=consultant)
        logger.info("the index of load %s was built again and is open", old.load.id)
        self._retired.append(old)
        await self._discard(old)

    async def watch(self) -> None:
        """Refresh for ever; a failure is logged and the open load goes on serving."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.refresh()
            except Exception:
                logger.exception("the new load cannot be opened; the old one goes on")

    async def health(self) -> dict[str, str]:
        """store, index and llm: «ok», «off» or «down»; llm also «resting», after it failed so
        often that it is not asked for a while."""
        try:
            await self._database.ping()
            store = "ok"
        except Exception as error:
            logger.warning("the store does not answer: %s", error)
            store = "down"
        index = "ok" if self._shelf and self._shelf.index else "down"
        llm = "off" if self._model is None else await self._model.health()
        return {"store": store, "index": index, "llm": llm}

    async def recommend(
        self, query: Query, asker: Person | None = None
    ) -> tuple[Recommendation, ...]:
        """At most `query.n` products that suit the person, best first. What people of the bot
        rated counts within a second or so; nobody's own ratings are told of as somebody else's."""
        async with self._open_shelf() as shelf:
            recommender = _recommender(shelf)
            unwanted = (*query.profile.unwanted, *query.conditions.without)
            avoided = await self._meant(shelf, unwanted)
            allowed = shelf.suitable(query, avoided)
            overlay = await self._overlay(recommender, asker)
            scored = await asyncio.to_thread(
                recommender.recommend,
                shelf.liked(query),
                query.profile.skin_type,
                query.n,
                allowed,
                overlay,
            )
            return await self._explained(shelf, query, _filled(scored, allowed, query.n))

    async def routine(
        self,
        query: Query,
        budget: int | None = None,
        before: Collection[tuple[int, ...]] = (),
        asker: Person | None = None,
    ) -> Routine:
        """Morning and evening within `budget` won (None: any), from the scores that `recommend`
        ranks by; none of the combinations `before`. Empty where there is no such routine."""
        async with self._open_shelf() as shelf:
            avoided = await self._meant(shelf, query.profile.unwanted)
            overlay = await self._overlay(_recommender(shelf), asker)
            counter = _Counter(shelf, query, overlay)
            outcome = await asyncio.to_thread(counter.plan, avoided, budget, before)
            if outcome.plan is None:
                return Routine(missing=outcome.missing, cheapest=outcome.cheapest)
            used = outcome.plan.products
            scored = await asyncio.to_thread(counter.scored, used)
            told = {one.product.id: one for one in await self._explained(shelf, query, scored)}
            if gone := {*used} - {*told}:
                raise UnknownProduct(min(gone))
            return _routine(outcome.plan, outcome.missing, told)

    async def explain(
        self, query: Query, product: int, asker: Person | None = None
    ) -> Recommendation:
        """Why `product` is recommended for `query`. Raises UnknownProduct."""
        async with self._open_shelf() as shelf:
            if product not in shelf.keys:
                raise UnknownProduct(product)
            overlay = await self._overlay(_recommender(shelf), asker)
            scored = await asyncio.to_thread(
                _recommender(shelf).explain,
                shelf.liked(query),
                shelf.keys[product],
                query.profile.skin_type,
                overlay,
            )
            found = await self._explained(shelf, query, [scored])
            if not found:
                raise UnknownProduct(product)
            companions = await self._companions(shelf, query, product, overlay)
            quotes = await self._quotes(product, query.profile.skin_type)
            evidence = replace(found[0].evidence, companions=companions, quotes=quotes)
            return replace(found[0], evidence=evidence)

    async def compare(self, products: Sequence[int], profile: SkinProfile) -> Comparison:
        """Side by side, in the order given. Raises UnknownProduct where fewer than two are left."""
        async with self._open_shelf() as shelf:
            found = await self.products([one for one in products if one in shelf.keys])
            if len(found) < 2:
                raise UnknownProduct(next(iter(set(products) - {one.id for one in found}), 0))
            ids = [product.id for product in found]
            heard = await self._voices.heard(ids, profile.skin_type)
            beside = _titles(shelf, ids)
            sides = tuple(
                (
                    one,
                    replace(
                        _evidence(shelf.pantry, heard[one.id], one.id, (), profile),
                        clashes=shelf.pantry.clashes(one.id, beside),
                    ),
                )
                for one in found
            )
            return Comparison(sides, shelf.pantry.common(ids), profile.skin_type)

    async def peers(self, profile: SkinProfile) -> Peers:
        """What reviewers of the person's skin type choose, without what does not suit them, and
        nothing that fewer than five people stand behind. Raises ValueError without a skin type."""
        skin_type = profile.skin_type
        if skin_type is None:
            raise ValueError("peers are people of one skin type")
        async with self._open_shelf() as shelf:
            people = await self._voices.people(skin_type)
            likings = await self._voices.likings(skin_type, GROUP_AT_LEAST)
            avoided = await self._meant(shelf, profile.unwanted)
            allowed = shelf.suitable(Query(profile=profile), avoided)
            fit = [one for one in likings if shelf.keys.get(one.product) in allowed]
            best = {one.product: one for one in fit[:FAVOURITES]}
            products = await self.products(tuple(best))
            favourites = (
                Favourite(one, best[one.id].people, best[one.id].rating) for one in products
            )
            return Peers(skin_type, people, tuple(favourites))

    async def categories(self) -> tuple[str, ...]:
        """Of what is sold, the fullest first."""
        async with self._open_shelf() as shelf:
            return shelf.categories()

    async def unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that name no ingredient, and so leave nothing out."""
        ids = {name: await self._catalogue.avoided_ids((name,)) for name in names}
        return tuple(name for name, meant in ids.items() if not meant)

    async def search(self, text: str, page: int, size: int = PAGE_SIZE) -> Page[Product]:
        """Products as one types for them (engine.retrieval.finding); no words find all."""
        if self._shelf is None:
            return Page(items=(), number=1, pages=1, total=0)
        found = await asyncio.to_thread(self._shelf.finder.find, text, page, size)
        return Page(
            items=await self.products(found.items),
            number=found.number,
            pages=found.pages,
            total=found.total,
        )

    async def product(self, product: int) -> Product:
        """Raises UnknownProduct."""
        return await self._catalogue.product(product)

    async def products(self, products: Sequence[int]) -> tuple[Product, ...]:
        """Those of `products` that are in the catalogue, in the order given."""
        found = await self._catalogue.products(products)
        return tuple(found[product] for product in products if product in found)

    async def formula(self, product: int) -> tuple[Ingredient, ...]:
        """The product's ingredients in the label's order. Raises UnknownProduct."""
        await self._catalogue.product(product)
        return await self._catalogue.formula(product)

    async def avoided(self, names: Sequence[str]) -> frozenset[int]:
        """Ids of the ingredients that someone who typed these names avoids."""
        return await self._catalogue.avoided_ids(names)

    async def look_up(
        self,
        name: str,
        ingredient: int | None,
        page: int,
        *,
        picks: Sequence[int] = (),
        avoided: Sequence[str] = (),
        product: int | None = None,
    ) -> IngredientSheet:
        """An ingredient by id, else by name; with its place in `product`'s list, which of
        `picks` hold it, and which of the `avoided` words mean it.

        Raises UnknownIngredient with near names.
        """
        found = await self._ingredient(name, ingredient)
        formulas = self._shelf.formulas if self._shelf else {}
        held = [pick for pick in picks if found.id in formulas.get(pick, ())]
        return IngredientSheet(
            found,
            await self._catalogue.holding(found.id, page),
            picked=await self.products(held),
            place=None if product is None else await self._place(found, product),
            avoided_as=await self._avoided_as(found, avoided),
            cares=cares(found),
        )

    async def analyse(self, names: Sequence[str], known: Sequence[int] = ()) -> Reading:
        """A list of names; `known` are ids of what was read of it before.

        Near names are looked for only the first few times: each costs as much as a search.
        """
        ids = await self._catalogue.ingredient_ids(names)
        found = await self._catalogue.ingredients((*known, *ids.values()))
        missed = [name for name in names if ids.get(name) not in found]
        near = {name: await self._catalogue.near(name, NEAR_EACH) for name in missed[:NEAR_AT_MOST]}
        unknown = tuple(UnknownName(name, near.get(name, ())) for name in missed)
        return Reading(tuple(found.values()), unknown)

    async def read_label(self, text: str) -> Reading:
        """The list that stands in a text read off a photographed label, slips mended."""
        read = await self._catalogue.label_names(text)
        found = await self._catalogue.ingredients(read.known)
        missed = read.unknown[:NEAR_AT_MOST]
        near = {name: await self._catalogue.near(name, NEAR_EACH) for name in missed}
        unknown = tuple(UnknownName(name, near.get(name, ())) for name in read.unknown)
        return Reading(tuple(found.values()), unknown)

    async def _place(self, ingredient: Ingredient, product: int) -> Place | None:
        """None where the product is gone or does not hold it."""
        shown = await self._catalogue.products([product])
        listed = [each.id for each in await self._catalogue.formula(product)]
        if product not in shown or ingredient.id not in listed:
            return None
        return Place(shown[product], listed.index(ingredient.id) + 1, len(listed))

    async def _avoided_as(self, ingredient: Ingredient, names: Sequence[str]) -> tuple[str, ...]:
        if ingredient.id not in await self._catalogue.avoided_ids(names):
            return ()
        meant = [(name, await self._catalogue.avoided_ids((name,))) for name in names]
        return tuple(name for name, ids in meant if ingredient.id in ids)

    async def _ingredient(self, name: str, ingredient: int | None) -> Ingredient:
        if ingredient is not None:
            return await self._catalogue.ingredient(ingredient)
        found = await self._catalogue.ingredient_named(name)
        if found is None:
            raise UnknownIngredient(name, await self._catalogue.near(name))
        return found

    async def why(
        self,
        product: Product,
        grounds: Sequence[str],
        question: Question,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued | Answer, None]:
        """The grounds of a recommendation told by the model, if there is one and it keeps to them:
        pieces while it writes, at last at most one Answer."""
        kind, key = DocumentKind.REVIEWS, product.key
        passages = tuple(Passage(kind, key, product.title, ground) for ground in grounds)
        asked = replace(question, text=prompts.why(product.title))
        async with self._open_shelf() as shelf:
            if shelf.consultant is None:
                return
            async with aclosing(shelf.consultant.why(asked, passages, patience)) as pieces:
                async for piece in pieces:
                    yield _linked(piece, shelf) if isinstance(piece, Consulted) else piece

    async def consult(
        self, question: Question, patience: float | None = None
    ) -> AsyncGenerator[str | Queued | Answer, None]:
        """Pieces of text while a model writes, before them the place in its queue, at last one
        Answer. `patience`: seconds that the model has; None: its own. Raises IndexUnavailable."""
        async with self._open_shelf() as shelf:
            if shelf.consultant is None:
                raise IndexUnavailable(f"load {shelf.load.id} has no index: python -m ingest index")
            async with aclosing(shelf.consultant.consult(question, patience)) as pieces:
                async for piece in pieces:
                    yield _linked(piece, shelf) if isinstance(piece, Consulted) else piece

    async def picture(self, product: int) -> Path | None:
        """The product's picture on this machine; None where it has none. Raises UnknownProduct."""
        name = (await self._catalogue.product(product)).picture
        if name is None or self._shelf is None or "://" in name:
            return None
        folder = self._shelf.folder.resolve()
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder) and path.is_file() else None

    async def _opened(self, load: Load) -> _Shelf:
        stock = await self._catalogue.stock()
        labels = {product.id: product for product in stock.products}
        held = await self._catalogue.formulas()
        formulas = {product: frozenset(held.get(product, ())) for product in labels}
        pantry = Pantry(
            formulas=formulas,
            holders=Counter(one for formula in held.values() for one in formula),
            ingredients=await self._catalogue.in_formulas(),
        )
        folder = self._settings.artifacts / load.id
        recommender = await asyncio.to_thread(self._recommender, folder / "matrix")
        index = await asyncio.to_thread(self._index, folder / "index")
        consultant = await asyncio.to_thread(self._consultant, index) if index else None
        finder = await asyncio.to_thread(Finder, stock)
        return _Shelf(
            load=load,
            folder=folder,
            ids={product.key: product.id for product in stock.products},
            keys={product.id: product.key for product in stock.products},
            formulas=formulas,
            on_sale=frozenset(product.id for product in stock.products if product.on_sale),
            labels=labels,
            pantry=pantry,
            acting=routine.acting(pantry.ingredients.values()),
            recommender=recommender,
            index=index,
            consultant=consultant,
            finder=finder,
        )

    def _consultant(self, index: Index) -> Consultant:
        llm = self._settings.llm
        abroad = llm is not None and llm.abroad
        retriever = HybridRetriever(index=index)
        known = Known.of_metadata(one.metadata for one in index.documents)
        return Consultant(
            retriever,
            self._model,
            self._dictionary,
            abroad=abroad,
            understander=Understander(retriever, universal(), self._model, abroad=abroad),
            conflicts=conflicts,
            judge=Guard(known, self._embeddings),
            stock=Stock.of(
                known,
                ((one.metadata, one.page_content) for one in index.documents),
                index.lexical.knows,
            ),
        )

    async def _dictionary(self, sentence: str) -> tuple[Passage, ...]:
        named = await self._catalogue.ingredients_in(sentence)
        return tuple(map(ingredient_passage, named))

    def _mended(self, shelf: _Shelf) -> bool:
        """Whether what this load lacked when it was opened has been made since."""
        matrix, index = (shelf.folder / part / "manifest.json" for part in ("matrix", "index"))
        lacking = shelf.recommender is None or shelf.index is None
        return lacking and matrix.exists() and index.exists()

    def _recommender(self, folder: Path) -> Recommender | None:
        try:
            return Recommender.open(folder, self._settings.recommender)
        except MatrixUnavailable as error:
            logger.error("%s", error)
            return None

    def _index(self, folder: Path) -> Index | None:
        try:
            return Index.open(
                folder,
                self._settings.embedding,
                self._settings.chroma_url,
                embeddings=self._embeddings,
            )
        except IndexUnavailable as error:
            logger.error("%s", error)
            return None

    async def _explained(
        self, shelf: _Shelf, query: Query, scored: Sequence[Scored]
    ) -> tuple[Recommendation, ...]:
        """Scores → products with counts and shared ingredients; what the load lacks is left out."""
        scored = [one for one in scored if one.key in shelf.ids]
        ids = [shelf.ids[one.key] for one in scored]
        products = shelf.labels
        heard = await self._heard(shelf, ids, query.profile.skin_type)
        admired = [one for one, rating in query.liked.items() if rating >= ADMIRES]
        beside = _titles(shelf, (*ids, *admired))
        return tuple(
            Recommendation(
                product=products[product],
                score=one.score,
                basis=one.basis,
                evidence=replace(
                    _evidence(shelf.pantry, heard[product], product, admired, query.profile),
                    neighbours=one.neighbours,
                    admirers=one.admirers,
                    alike=one.alike,
                    clashes=shelf.pantry.clashes(product, beside),
                ),
            )
            for one, product in zip(scored, ids, strict=True)
            if product in products
        )

    async def _overlay(self, recommender: Recommender, asker: Person | None) -> Overlay | None:
        """What people rated in the bot until now or a moment ago; None where nobody did."""
        newer = await self._rated(recommender)
        if not newer.rows:
            return None
        return Overlay(
            newer.ratings, newer.rows.get(_label(asker.channel, asker.id)) if asker else None
        )

    async def _rated(self, recommender: Recommender) -> _Newer:
        """Read again when it is old; meanwhile others go on with what there was."""
        now = asyncio.get_running_loop().time
        newer = self._newer
        served = newer is not None and newer.recommender is recommender
        if newer is not None and served and (now() < self._newer_until or self._renewing.locked()):
            return newer
        async with self._renewing:
            newer, start = self._newer, now()
            fits = newer is not None and newer.recommender is recommender
            if newer is not None and fits and start < self._newer_until:
                return newer
            mark = await self._tastes.mark()
            if newer is None or not fits or newer.mark != mark:
                tastes = await self._tastes.all()
                newer = await asyncio.to_thread(_newer, mark, recommender, tastes)
                self._newer = newer
            took = now() - start
            self._newer_until = now() + self._tastes_seconds * max(1.0, TASTES_SHARE * took)
            return newer

    async def _heard(
        self, shelf: _Shelf, products: Collection[int], skin_type: SkinType | None
    ) -> Mapping[int, Voice]:
        missing = [one for one in products if (one, skin_type) not in shelf.voices]
        if missing:
            heard = await self._voices.heard(missing, skin_type)
            shelf.voices.update({(one, skin_type): voice for one, voice in heard.items()})
        return {one: shelf.voices[one, skin_type] for one in products}

    async def _meant(self, shelf: _Shelf, names: Sequence[str]) -> frozenset[int]:
        """As `avoided`, by the open load's ingredients."""
        if len(shelf.meant) > MEANT_AT_MOST:
            shelf.meant.clear()
        found = [shelf.meant.get(name) for name in names]
        for at, name in enumerate(names):
            if found[at] is None:
                found[at] = shelf.meant[name] = await self._catalogue.avoided_ids((name,))
        return frozenset().union(*(one for one in found if one is not None))

    async def _companions(
        self, shelf: _Shelf, query: Query, product: int, overlay: Overlay | None
    ) -> tuple[tuple[str, int], ...]:
        """What the neighbours who rated `product` like of what the person likes, most first."""
        counted = await asyncio.to_thread(
            _recommender(shelf).companions, shelf.liked(query), shelf.keys[product], overlay
        )
        liked = {shelf.ids[key]: people for key, people in counted.items()}
        named = await self._catalogue.products(liked)
        return tuple((named[one].title, people) for one, people in liked.items() if one in named)

    async def _quotes(self, product: int, skin_type: SkinType | None) -> tuple[Quote, ...]:
        """A sentence of praise and one of blame that stand for what the skin type wrote."""
        if skin_type is None:
            return ()
        reviews = await self._voices.words(product, skin_type)
        said = await asyncio.to_thread(_both_sides, reviews)
        return tuple(Quote(text, praise) for praise, texts in said for text in texts)

    @asynccontextmanager
    async def _open_shelf(self) -> AsyncIterator[_Shelf]:
        """The current load, kept open while it is read. Raises CatalogueEmpty before the first."""
        shelf = self._shelf
        if shelf is None:
            raise CatalogueEmpty
        self._readers[id(shelf)] += 1
        try:
            yield shelf
        finally:
            self._readers[id(shelf)] -= 1
            await self._discard(shelf)

    async def _discard(self, shelf: _Shelf) -> None:
        """Close a load that was swapped out, once nobody reads it."""
        if shelf in self._retired and not self._readers[id(shelf)]:
            self._retired.remove(shelf)
            await asyncio.to_thread(shelf.close)


def _newer(mark: Mark, recommender: Recommender, tastes: Sequence[Taste]) -> _Newer:
    rated = ((_label(one.channel, one.person), one.key, one.rating) for one in tastes)
    ratings = recommender.newer(rated)
    return _Newer(mark, recommender, ratings, {who: row for row, who in enumerate(ratings.users)})


def _written(folder: Path) -> int:
    """When its manifest was; 0 where there is none."""
    try:
        return (folder / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


def _label(channel: str, person: str) -> str:
    return f"{channel} {person}"


def _recommender(shelf: _Shelf) -> Recommender:
    if shelf.recommender is None:
        raise MatrixUnavailable(f"load {shelf.load.id} has no rating matrix")
    return shelf.recommender


def _filled(scored: Sequence[Scored], allowed: frozenset[str], n: int) -> list[Scored]:
    """A catalogue with few reviews still recommends: products without one, by their key."""
    told = {one.key for one in scored}
    rest = sorted(allowed - told)[: n - len(scored)]
    return [*scored, *(Scored(key, 0.0, Basis.POPULARITY) for key in rest)]


def _evidence(
    pantry: Pantry, voice: Voice, product: int, admired: Sequence[int], profile: SkinProfile
) -> Evidence:
    """What can be said of the product without anybody's taste."""
    shared = pantry.shared(product, admired)
    return Evidence(
        shared=shared,
        skin_type=profile.skin_type,
        skin_reviews=voice.reviews,
        gentle_share=voice.gentle_share,
        skin_rating=voice.rating,
        effects=voice.effects,
        told=voice.told,
        irritated=voice.irritated,
        unlisted=not pantry.formulas.get(product),
        notable=pantry.notable(product, but=shared),
        minded=pantry.minded(product, profile),
        cautions=pantry.cautions(product, profile),
        health=scent_matters(profile),
    )


def _titles(shelf: _Shelf, products: Iterable[int]) -> dict[int, str]:
    """Of those that are in the catalogue, in the order given."""
    return {one: shelf.labels[one].title for one in products if one in shelf.labels}


def by_stage(products: Mapping[int, str]) -> dict[Stage, frozenset[int]]:
    """Product → category sorted into the stages of a routine; a product whose category would do
    for two belongs to the first."""
    known, left = tuple(sorted({*products.values()})), {*products}
    stages: dict[Stage, frozenset[int]] = {}
    for stage, words in STAGE_WORDS.items():
        named = frozenset[str]().union(*(_categories(word, known) or () for word in words))
        stages[stage] = frozenset(one for one in left if products[one] in named)
        left -= stages[stage]
    return stages


def _acting(shelf: _Shelf, product: int) -> tuple[str, ...]:
    held = sorted(shelf.formulas.get(product, ()))
    return tuple(shelf.acting[one] for one in held if one in shelf.acting)


def _routine(
    plan: routine.Plan, missing: tuple[Stage, ...], told: Mapping[int, Recommendation]
) -> Routine:
    def step(stage: Stage, one: routine.Candidate) -> RoutineStep:
        return RoutineStep(stage, told[one.product], next(iter(one.evening_names), ""))

    return Routine(
        morning=tuple(step(stage, one) for stage, one in plan.morning),
        evening=tuple(step(stage, one) for stage, one in plan.evening),
        combination=plan.combination,
        missing=missing,
    )


def _both_sides(reviews: Sequence[tuple[float, str]]) -> tuple[tuple[bool, tuple[str, ...]], ...]:
    praise, blame = sides(reviews)
    return (True, praise[:QUOTES_OF_A_SIDE]), (False, blame[:QUOTES_OF_A_SIDE])


def _categories(wanted: str | None, known: Sequence[str]) -> frozenset[str] | None:
    """The categories that a word means («토너» → 스킨/토너); None where any will do."""
    if wanted is None:
        return None
    return frozenset((wanted,)) if wanted in known else Wishes(known).read(wanted).categories


def _affordable(product: Product, conditions: Conditions) -> bool:
    """A product without a price is not, where one is asked for."""
    if not conditions.priced:
        return True
    ceiling = conditions.price_to
    return (
        product.price is not None
        and product.price >= conditions.price_from
        and (ceiling is None or product.price <= ceiling)
    )


def _linked(consulted: Consulted, shelf: _Shelf) -> Answer:
    """The answer, its sources naming the catalogue's product ids."""
    sources = zip(consulted.answer.sources, consulted.keys, strict=True)
    return replace(
        consulted.answer,
        sources=tuple(
            replace(source, product=shelf.ids.get(key)) if key else source
            for source, key in sources
        ),
    )
