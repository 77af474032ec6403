"""One load: read, clean, build, and make it the catalogue, or leave everything as it was."""

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from engine.domain import Load
from engine.parsing.korean import with_particle
from engine.provenance import checksum, code_version
from engine.retrieval.building import Built, tidy
from ingest import clean, faq, matching, pictures, reading, rejects, tables, trust
from ingest.artifacts import Artifacts, Content, Counted, Manifest, Matched, Source, contents
from ingest.clean import Count, Step
from ingest.columns import (
    FAQ,
    INGREDIENTS,
    PRODUCTS,
    REVIEWS,
    TABLES,
    Table,
)
from ingest.engines.job import Engine, Job, Result
from ingest.errors import InputRefused
from ingest.index import (
    INDEX,
    MATRIX,
    build_index,
    build_matrix,
    embedded,
    tables_of,
    withdraw,
)
from ingest.joining import Joining, question
from ingest.lexicon import Share
from ingest.mapping import Mapping as ColumnMapping
from ingest.report import summary
from ingest.shop import Shop
from ingest.sources import files
from ingest.tables import Tables

SCRATCH = ".cleaning"
"""Of the artefacts: what an engine writes while it cleans; emptied by the next one."""
SAME = "들어온 내용이 지금 적재({id})의 것과 같아서 아무것도 바꾸지 않았어요."


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator wants loaded."""

    inputs: Mapping[Table, Path]
    """What is not given keeps the current load's rows."""
    faq: Path | None = None
    """None keeps the current load's."""
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    rejects: Path | None = None
    """None: beside the load."""
    max_reviews: int | None = None
    day: date | None = None
    """When the files were written; None: when they were last changed."""
    sponsored: bool = True
    """Whether reviews stay that say they were paid for or given."""
    command: str = ""
    """As it was given, for the manifest."""
    pairs: Path | None = None
    """A `doubtful.csv` with decisions."""
    engine: Engine | None = None
    """What cleans the reviews, in parts; None: they are cleaned in memory. The result is equal."""

    @property
    def options(self) -> dict[str, int | None]:
        asked: dict[str, int | None] = {"max_reviews": self.max_reviews}
        return asked if self.sponsored else asked | {"sponsored": 0}


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """The tables, and how they came to be."""

    tables: Tables
    faq: faq.Pairs
    pictures: dict[str, Path]
    """Name in the load → file."""
    counts: tuple[Count, ...]
    read: dict[str, int]
    rejects: dict[str, pd.DataFrame]
    sources: tuple[Source, ...] = ()
    matching: dict[str, str] = field(default_factory=dict)
    """Name of a file of the load's matches → what is written (ingest.matching)."""
    papers: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Name of a file beside the rejects → what an operator should look at."""
    shares: tuple[Share, ...] = ()


def run(order: Order, shop: Shop) -> str:
    """Load it; the artefacts must be locked. Returns the report.

    Raises InputRefused, StoreUnavailable, IndexUnavailable or OSError; then the old load serves
    as before.
    """
    artifacts, store = shop.artifacts, shop.store
    current, earlier = store.current(), store.loads()
    artifacts.sweep({load.id for load in earlier})
    shutil.rmtree(artifacts.root / SCRATCH, ignore_errors=True)
    cleaned = _cleaned(order, artifacts, current)
    if order.rejects is not None:
        _put_aside(order.rejects, cleaned)
    if not len(cleaned.tables.products) and PRODUCTS.name in cleaned.read:
        raise InputRefused(f"쓸 수 있는 제품이 하나도 없어요.{_first_reason(cleaned)}")
    sums = {name: checksum(path) for name, path in cleaned.pictures.items()}
    if cleaned.faq:
        sums[faq.FILE] = hashlib.sha256(faq.written(cleaned.faq).encode()).hexdigest()
    for name, text in cleaned.matching.items():
        sums[f"{matching.FOLDER}/{name}"] = hashlib.sha256(text.encode()).hexdigest()
    options = json.dumps(order.options, sort_keys=True)
    digest = tables.digest(cleaned.tables.written(), sums, options)
    if current is not None and current.digest == digest and artifacts.whole(current.id):
        prune(shop)  # a run that died may have had that left to do
        return SAME.format(id=current.id) + _left_out(order, artifacts.folder(current.id), cleaned)
    load = _load(digest, cleaned.tables, earlier)
    reused = [artifacts.folder(current.id) / INDEX] if current else []
    manifest, built = _built(load, order, cleaned, shop, reused)
    store.replace(load, cleaned.tables)
    artifacts.applied(load.id)
    prune(shop)
    folder = order.rejects or artifacts.folder(load.id) / "rejects"
    return f"{summary(manifest)}{question(cleaned.papers, folder)}\n{embedded(built)}"


def _left_out(order: Order, folder: Path, cleaned: Cleaned) -> str:
    """The same content may come from a file with other rows that were left out: those are told."""
    lines = sum(map(len, cleaned.rejects.values()))
    if not lines:
        return ""
    written = order.rejects or folder / "rejects"
    rejects.write(written, cleaned.rejects)
    return f"\n이번 파일에서 뺀 줄 {lines:,}개는 까닭과 함께 {written}에 적었어요."


def _put_aside(folder: Path, cleaned: Cleaned) -> None:
    """What was left out, and what an operator should look at."""
    rejects.write(folder, cleaned.rejects)
    rejects.write_sheets(folder, cleaned.papers)


def roll_back(load_id: str, shop: Shop) -> str:
    """Make an older load current again, with its own rows."""
    artifacts, store = shop.artifacts, shop.store
    loads = {load.id: load for load in store.loads()}
    artifacts.sweep(loads)
    if load_id not in loads:
        raise InputRefused(
            f"{load_id}라는 적재는 없어요. 있는 것은 python -m ingest history 로 볼 수 있어요."
        )
    if not artifacts.whole(load_id):
        raise InputRefused(f"적재 {load_id}의 파일이 없거나 온전하지 않아서 되돌릴 수 없어요.")
    store.replace(loads[load_id], tables_of(artifacts, load_id))
    prune(shop)
    return f"{with_particle(load_id, '으로/로')} 되돌렸어요."


def prune(shop: Shop) -> None:
    """Remove the folders of old loads."""
    current = shop.store.current()
    newest_first = [load.id for load in shop.store.loads()]
    for load in newest_first:
        tidy(shop.artifacts.folder(load) / INDEX, shop.chroma_url)
    for folder in shop.artifacts.outdated(newest_first, current.id if current else ""):
        withdraw(folder, shop)
        shutil.rmtree(folder, ignore_errors=True)


# --- reading and cleaning -------------------------------------------------------------------------


def _cleaned(order: Order, artifacts: Artifacts, current: Load | None) -> Cleaned:
    """Every table: those given are read and cleaned, the others kept."""
    sheets = {
        table: reading.read(table, path, order.mapping, order.day)
        for table, path in order.inputs.items()
        if table is not REVIEWS or order.engine is None
    }
    old = Tables.empty()
    if current is not None and len(order.inputs) < len(TABLES):
        old = tables_of(artifacts, current.id)
    if REVIEWS in order.inputs and PRODUCTS not in sheets and not len(old.products):
        sheets = {PRODUCTS: _reviewed(order)} | sheets
    if not order.inputs and current is None:
        raise InputRefused("FAQ만으로는 적재할 수 없어요. --products 도 함께 주세요.")
    with tqdm(total=len(sheets) + 2, desc="정리", unit="표", leave=False) as bar:
        standing = artifacts.folder(current.id) if current else None
        words = order.mapping.words.get("brand", {})
        joining = Joining(standing, old, order.pairs, words)
        cleaning = _Cleaning(order, sheets, old, joining, bar.update)
        products, ingredients = cleaning.products(), cleaning.ingredients()
        lexicon = joining.labels(ingredients, given=INGREDIENTS in sheets)
        products = clean.matched(products, lexicon)
        ingredients = clean.completed(ingredients, products)
        bar.update()
        reviews = cleaning.reviews(products, artifacts.root / SCRATCH)
        folder = artifacts.folder(current.id) if current else artifacts.root
        base = order.inputs[PRODUCTS].parent if PRODUCTS in order.inputs else folder
        shown, found = pictures.gathered(products, base)
        cleaning.lost_pictures(products, shown)
        bar.update()
    own = faq.read(order.faq) if order.faq is not None else None
    return Cleaned(
        tables=Tables(shown, ingredients, reviews),
        faq=own.pairs if own else faq.opened(folder),
        pictures=found,
        counts=(*cleaning.counts, *_unanswered(own)),
        read={table.name: len(sheet.frame) for table, sheet in sheets.items()}
        | {table.name: result.read for table, result in cleaning.apart.items()}
        | ({FAQ.name: own.lines} if own else {}),
        sources=(
            *(source for sheet in sheets.values() for source in sheet.sources),
            *(source for result in cleaning.apart.values() for source in result.sources),
            *_kept(artifacts, current, [*cleaning.given, *_asked(order)]),
            *([reading.source(FAQ, order.faq, own.lines)] if own and order.faq else []),
        ),
        rejects=cleaning.rejects | ({FAQ.name: own.rejects} if own else {}),
        matching=joining.written(),
        papers=joining.papers(),
        shares=joining.shares,
    )


def _asked(order: Order) -> list[str]:
    return [FAQ.name] if order.faq is not None else []


def _kept(artifacts: Artifacts, current: Load | None, given: Collection[str]) -> list[Source]:
    """Where the rows came from that are not given this time."""
    manifest = artifacts.manifest(current.id) if current is not None else None
    return [one for one in manifest.sources if one.table not in given] if manifest else []


def _unanswered(own: faq.Read | None) -> tuple[Count, ...]:
    if own is None or own.rejects.empty:
        return ()
    return (Count(FAQ.name, "쓸 수 없는 줄", 0, 0, len(own.rejects)),)


class _Cleaning:
    """The tables of one order, one after the other, and the counts that come of it."""

    def __init__(
        self,
        order: Order,
        sheets: Mapping[Table, reading.Read],
        old: Tables,
        joining: Joining,
        done: Callable[[], object],
    ) -> None:
        self._joining = joining
        self.counts: list[Count] = []
        self.rejects: dict[str, pd.DataFrame] = {}
        self.apart: dict[Table, Result] = {}
        """Cleaned by an engine."""
        self._order, self._sheets, self._old, self._done = order, sheets, old, done

    @property
    def given(self) -> list[str]:
        return [table.name for table in (*self._sheets, *self.apart)]

    def products(self) -> pd.DataFrame:
        if PRODUCTS not in self._sheets:
            return self._joining.kept_products(self._old.products)
        return self._run(PRODUCTS, clean.product_steps(), self._joined)

    def _joined(self, frame: pd.DataFrame) -> pd.DataFrame:
        after, count = self._joining.products(frame, self._sheets[PRODUCTS].frame["name"])
        self.counts.append(count)
        return after

    def ingredients(self) -> pd.DataFrame:
        mapping = self._order.mapping
        return self._run(INGREDIENTS, clean.ingredient_steps(mapping.separators, mapping.words))

    def reviews(self, products: pd.DataFrame, scratch: Path) -> pd.DataFrame:
        if REVIEWS in self._order.inputs:
            steps = self._joining.review_steps(products, self._order.max_reviews)
            if not self._order.sponsored:
                steps = (clean.UNSPONSORED, *steps)
            engine = self._order.engine
            found = self._apart(engine, steps, scratch) if engine else self._run(REVIEWS, steps)
            self.counts.extend(
                Count(REVIEWS.name, title, 0, 0, 0, rows)
                for title, rows in trust.told(found).items()
            )
            return found
        return self._joining.kept_reviews(self._old.reviews, products)

    def _apart(self, engine: Engine, steps: tuple[Step, ...], scratch: Path) -> pd.DataFrame:
        order = self._order
        job = Job(order.inputs[REVIEWS], steps, order.mapping, order.day)
        try:
            result = engine.clean(job, scratch)
            reviews, gone = result.kept(), result.rejected()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self.apart[REVIEWS] = result
        self.counts.extend(result.counts)
        self.rejects[REVIEWS.name] = gone
        self._done()
        return reviews[tables.columns_of(REVIEWS)]

    def lost_pictures(self, told: pd.DataFrame, shown: pd.DataFrame) -> None:
        lost = int(told["picture"].notna().sum() - shown["picture"].notna().sum())
        self.counts.append(Count(PRODUCTS.name, "사진", 0, lost, 0))

    def _run(
        self,
        table: Table,
        steps: tuple[Step, ...],
        joined: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
    ) -> pd.DataFrame:
        if table not in self._sheets:
            return self._old.frame(table)
        sheet = self._sheets[table]
        self.counts.extend(sheet.counts(table))
        frame, counts = clean.run(table, sheet.frame, steps)
        self.counts.extend(counts)
        frame = joined(frame)
        columns = ["file", "line", "reason"]
        unread = pd.DataFrame([asdict(one) for one in sheet.rejects], columns=columns)
        gone = pd.concat([unread, clean.rejected(frame)])
        self.rejects[table.name] = gone.sort_values(["file", "line"])
        self._done()
        return clean.kept(frame)[tables.columns_of(table)]


def _reviewed(order: Order) -> reading.Read:
    """The products that the reviews name: a first load may have no table of their own."""
    path = order.inputs[REVIEWS]
    try:
        return reading.distinct(reading.read(PRODUCTS, path, order.mapping))
    except InputRefused as error:
        raise InputRefused(
            "리뷰에 제품 이름이 없어서 리뷰만으로는 적재할 수 없어요. --products 도 함께 주세요."
        ) from error


def _first_reason(cleaned: Cleaned) -> str:
    gone = cleaned.rejects["products"]
    return f" {gone['line'].iloc[0]}번째 줄: {gone['reason'].iloc[0]}" if len(gone) else ""


# --- building -------------------------------------------------------------------------------------


def _load(digest: str, found: Tables, before: Iterable[Load]) -> Load:
    """A load of this moment, but later than every load before it: their order is their age."""
    now = datetime.now(UTC).replace(microsecond=0)
    at = max([now, *(load.at + timedelta(seconds=1) for load in before)])
    return Load(
        id=f"{at:%Y%m%d-%H%M%S}-{digest[:8]}",
        at=at,
        products=len(found.products),
        reviews=len(found.reviews),
        ingredients=len(found.ingredients),
        digest=digest,
    )


def _built(
    load: Load, order: Order, cleaned: Cleaned, shop: Shop, earlier: Iterable[Path]
) -> tuple[Manifest, Built]:
    """The load's folder, finished under its name."""
    with shop.artifacts.building(load.id) as building:
        tables.save(building / "catalogue", cleaned.tables.written())
        (building / pictures.FOLDER).mkdir()
        for name, source in cleaned.pictures.items():
            shutil.copyfile(source, building / name)
        build_matrix(building / MATRIX, cleaned.tables)
        faq.save(building, cleaned.faq)
        matching.save(building, cleaned.matching)
        built = build_index(building / INDEX, cleaned.tables, cleaned.faq, shop, earlier)
        if order.rejects is None:
            _put_aside(building / "rejects", cleaned)
        manifest = _manifest(load, order, cleaned, shop.embedding, contents(building))
        shop.artifacts.publish(building, manifest)
    return manifest, built


def _manifest(
    load: Load, order: Order, cleaned: Cleaned, embedding: str, made: dict[str, Content]
) -> Manifest:
    return Manifest(
        id=load.id,
        at=load.at,
        digest=load.digest,
        code=code_version(),
        command=order.command,
        embedding=embedding,
        options=order.options,
        inputs=_inputs(order, cleaned),
        sources=tuple(
            one if one.load else one.model_copy(update={"load": load.id}) for one in cleaned.sources
        ),
        products=load.products,
        ingredients=load.ingredients,
        reviews=load.reviews,
        faq=len(cleaned.faq),
        matched=tuple(Matched(**asdict(share)) for share in cleaned.shares),
        read=cleaned.read,
        steps=tuple(Counted(**asdict(count)) for count in cleaned.counts),
        files=made,
    )


def _inputs(order: Order, cleaned: Cleaned) -> dict[str, str]:
    """Table → file; the products that only reviews named come from theirs."""
    told = {table.name: files.composed(path.name) for table, path in order.inputs.items()}
    if PRODUCTS.name in cleaned.read:
        told.setdefault(PRODUCTS.name, told.get(REVIEWS.name, ""))
    return told | ({FAQ.name: order.faq.name} if order.faq else {})
