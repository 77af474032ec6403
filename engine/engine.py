"""Engine: recommend, search, look_up, consult. The async face of everything that knows products.

What keeps a processor busy (scores, embeddings, Chroma) runs in threads from here.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from langchain_core.embeddings import Embeddings

from engine.domain import (
    Answer,
    Basis,
    Evidence,
    Ingredient,
    IngredientSheet,
    Load,
    Page,
    Passage,
    Product,
    Query,
    Question,
    Recommendation,
)
from engine.errors import (
    CatalogueEmpty,
    IndexUnavailable,
    MatrixUnavailable,
    UnknownIngredient,
    UnknownProduct,
)
from engine.generation.consult import Consultant, Consulted
from engine.generation.model import ServerModel
from engine.recommend.matrix import Interactions
from engine.recommend.recommender import Recommender, Scored
from engine.recommend.suitability import Suitability, suitable
from engine.retrieval.documents import ingredient_passage
from engine.retrieval.embedding import embedder
from engine.retrieval.hybrid import HybridRetriever
from engine.retrieval.index import Index
from engine.settings import EngineSettings
from engine.store.catalogue import Catalogue, Impressions
from engine.store.database import Database

NOTABLE_SHARE = 0.25
"""An ingredient that more of the catalogue holds than this says nothing about a likeness."""
SHARED_AT_MOST = 3
WATCH_SECONDS = 5.0

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
    holders: Mapping[int, int]
    """Ingredient id → number of products that hold it."""
    recommender: Recommender | None
    index: Index | None
    consultant: Consultant | None

    def suitable(self, query: Query, avoided: Iterable[int]) -> frozenset[str]:
        """Keys of the products that may be recommended."""
        fitting = suitable(
            Suitability(
                formulas=self.formulas,
                on_sale=self.on_sale,
                avoided=frozenset(avoided),
                picked=frozenset(query.liked),
                excluded=query.excluded,
            )
        )
        return frozenset(self.keys[product] for product in fitting if product in self.keys)

    def liked(self, query: Query) -> dict[str, float]:
        known = self.keys
        return {
            known[product]: rating for product, rating in query.liked.items() if product in known
        }

    def shared(self, product: int, liked: Iterable[int]) -> tuple[int, ...]:
        """Ingredients of `product` that what was liked holds too, the rarest first."""
        theirs: set[int] = set().union(*(self.formulas.get(one, frozenset()) for one in liked))
        most = NOTABLE_SHARE * len(self.formulas)
        common = (i for i in self.formulas[product] & theirs if self.holders[i] <= most)
        return tuple(sorted(common, key=lambda i: (self.holders[i], i))[:SHARED_AT_MOST])

    def close(self) -> None:
        if self.index is not None:
            self.index.close()


class Engine:
    def __init__(
        self,
        settings: EngineSettings,
        database: Database,
        embeddings: Embeddings,
        model: ServerModel | None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._catalogue = Catalogue(database)
        self._embeddings = embeddings
        self._model = model
        self._shelf: _Shelf | None = None
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
    def load(self) -> Load | None:
        """The open load; None before the first ingest."""
        return self._shelf.load if self._shelf else None

    async def refresh(self) -> None:
        """Swap in the store's current load where it is not the open one."""
        load = await self._catalogue.current_load()
        old = self._shelf
        if load is None or (old is not None and old.load.id == load.id and not self._mended(old)):
            return
        self._shelf = await self._opened(load)
        logger.info("load %s is open: %s products", load.id, load.products)
        if old is not None:
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
        """store, index and llm: «ok», «off», or «down»."""
        try:
            await self._database.ping()
            store = "ok"
        except Exception as error:
            logger.warning("the store does not answer: %s", error)
            store = "down"
        index = "ok" if self._shelf and self._shelf.index else "down"
        llm = "off" if self._model is None else "ok" if await self._model.alive() else "down"
        return {"store": store, "index": index, "llm": llm}

    async def recommend(self, query: Query) -> tuple[Recommendation, ...]:
        """At most `query.n` products that suit the person, best first."""
        async with self._open_shelf() as shelf:
            recommender = _recommender(shelf)
            avoided = await self._catalogue.avoided_ids(query.profile.avoided)
            allowed = shelf.suitable(query, avoided)
            scored = await asyncio.to_thread(
                recommender.recommend, shelf.liked(query), query.profile.skin_type, query.n, allowed
            )
            return await self._explained(shelf, query, _filled(scored, allowed, query.n))

    async def explain(self, query: Query, product: int) -> Recommendation:
        """Why `product` is recommended for `query`. Raises UnknownProduct."""
        async with self._open_shelf() as shelf:
            if product not in shelf.keys:
                raise UnknownProduct(product)
            scored = await asyncio.to_thread(
                _recommender(shelf).explain,
                shelf.liked(query),
                shelf.keys[product],
                query.profile.skin_type,
            )
            found = await self._explained(shelf, query, [scored])
            if not found:
                raise UnknownProduct(product)
            return found[0]

    async def search(self, text: str, page: int) -> Page[Product]:
        """Products by words of their name, brand and category; no words find all."""
        return await self._catalogue.search(text, page)

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

    async def look_up(self, name: str, ingredient: int | None, page: int) -> IngredientSheet:
        """An ingredient by id, else by name. Raises UnknownIngredient with near names."""
        found = await self._ingredient(name, ingredient)
        return IngredientSheet(found, await self._catalogue.holding(found.id, page))

    async def _ingredient(self, name: str, ingredient: int | None) -> Ingredient:
        if ingredient is not None:
            return await self._catalogue.ingredient(ingredient)
        found = await self._catalogue.ingredient_named(name)
        if found is None:
            raise UnknownIngredient(name, await self._catalogue.near(name))
        return found

    async def consult(self, question: Question) -> AsyncIterator[str | Answer]:
        """Pieces of text while a model writes, at last one Answer. Raises IndexUnavailable."""
        async with self._open_shelf() as shelf:
            if shelf.consultant is None:
                raise IndexUnavailable(f"load {shelf.load.id} has no index: python -m ingest index")
            async for piece in shelf.consultant.consult(question):
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
        ids = await self._catalogue.ids_by_key()
        formulas = {
            product: frozenset(held) for product, held in (await self._catalogue.formulas()).items()
        }
        on_sale = await self._catalogue.for_sale()
        folder = self._settings.artifacts / load.id
        recommender = await asyncio.to_thread(self._recommender, folder / "matrix")
        index = await asyncio.to_thread(self._index, folder / "index")
        return _Shelf(
            load=load,
            folder=folder,
            ids=ids,
            keys={product: key for key, product in ids.items()},
            formulas={product: formulas.get(product, frozenset()) for product in ids.values()},
            on_sale=on_sale,
            holders=Counter(held for formula in formulas.values() for held in formula),
            recommender=recommender,
            index=index,
            consultant=None if index is None else self._consultant(index),
        )

    def _consultant(self, index: Index) -> Consultant:
        return Consultant(HybridRetriever(index=index), self._model, self._dictionary)

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
            return Recommender(Interactions.open(folder), self._settings.recommender)
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
        """Scores → products with counts and shared ingredients; what left meanwhile is left out."""
        ids = [shelf.ids[one.key] for one in scored]
        products = await self._catalogue.products(ids)
        skin_type = query.profile.skin_type
        impressions = await self._catalogue.impressions(ids, skin_type)
        shared = {product: shelf.shared(product, query.liked) for product in ids}
        names = {
            one: (await self._catalogue.ingredient(one)).name
            for one in set().union(*shared.values())
        }
        return tuple(
            Recommendation(
                product=products[product],
                score=one.score,
                basis=one.basis,
                evidence=Evidence(
                    neighbours=one.neighbours,
                    admirers=one.admirers,
                    shared=tuple(names[i] for i in shared[product]),
                    skin_type=skin_type,
                    skin_reviews=impressions[product].reviews,
                    gentle_share=_gentle_share(impressions[product]),
                ),
            )
            for one, product in zip(scored, ids, strict=True)
            if product in products
        )

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


def _recommender(shelf: _Shelf) -> Recommender:
    if shelf.recommender is None:
        raise MatrixUnavailable(f"load {shelf.load.id} has no rating matrix")
    return shelf.recommender


def _filled(scored: Sequence[Scored], allowed: frozenset[str], n: int) -> list[Scored]:
    """A catalogue with few reviews still recommends: products without one, by their key."""
    told = {one.key for one in scored}
    rest = sorted(allowed - told)[: n - len(scored)]
    return [*scored, *(Scored(key, 0.0, Basis.POPULARITY) for key in rest)]


def _gentle_share(impressions: Impressions) -> float | None:
    return impressions.gentle / impressions.told if impressions.told else None


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
