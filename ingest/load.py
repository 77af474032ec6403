"""One load: read, clean, build, and make it the catalogue, or leave everything as it was."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from engine.domain import Load
from engine.parsing.korean import with_particle
from engine.retrieval.building import Built, tidy
from ingest import clean, faq, pictures, rejects, tables
from ingest.artifacts import Artifacts, Content, Counted, Manifest, checksum, contents
from ingest.clean import Count, Step
from ingest.columns import (
    FAQ,
    INGREDIENTS,
    PRODUCTS,
    REVIEWS,
    TABLES,
    Table,
    lacking,
    naming,
    refusal,
)
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
from ingest.mapping import Mapping as ColumnMapping
from ingest.mapping import nearest
from ingest.report import summary
from ingest.shop import Shop
from ingest.sources import files
from ingest.tables import Tables

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

    @property
    def options(self) -> dict[str, int | None]:
        return {"max_reviews": self.max_reviews}


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


def run(order: Order, shop: Shop) -> str:
    """Load it; the artefacts must be locked. Returns the report.

    Raises InputRefused, StoreUnavailable, IndexUnavailable or OSError; then the old load serves
    as before.
    """
    artifacts, store = shop.artifacts, shop.store
    current, earlier = store.current(), store.loads()
    artifacts.sweep({load.id for load in earlier})
    cleaned = _cleaned(order, artifacts, current)
    if order.rejects is not None:
        rejects.write(order.rejects, cleaned.rejects)
    if not len(cleaned.tables.products) and PRODUCTS in order.inputs:
        raise InputRefused(f"쓸 수 있는 제품이 하나도 없어요.{_first_reason(cleaned)}")
    sums = {name: checksum(path) for name, path in cleaned.pictures.items()}
    if cleaned.faq:
        sums[faq.FILE] = hashlib.sha256(faq.written(cleaned.faq).encode()).hexdigest()
    options = json.dumps(order.options, sort_keys=True)
    digest = tables.digest(cleaned.tables.written(), sums, options)
    if current is not None and current.digest == digest and artifacts.whole(current.id):
        return SAME.format(id=current.id) + _left_out(order, artifacts.folder(current.id), cleaned)
    load = _load(digest, cleaned.tables, earlier)
    reused = [artifacts.folder(current.id) / INDEX] if current else []
    manifest, built = _built(load, order, cleaned, shop, reused)
    store.replace(load, cleaned.tables)
    artifacts.applied(load.id)
    prune(shop)
    return f"{summary(manifest)}\n{embedded(built)}"


def _left_out(order: Order, folder: Path, cleaned: Cleaned) -> str:
    """The same content may come from a file with other rows that were left out: those are told."""
    lines = sum(map(len, cleaned.rejects.values()))
    if not lines:
        return ""
    written = order.rejects or folder / "rejects"
    rejects.write(written, cleaned.rejects)
    return f"\n이번 파일에서 뺀 줄 {lines:,}개는 까닭과 함께 {written}에 적었어요."


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
    sheets = {table: _read(table, path, order.mapping) for table, path in order.inputs.items()}
    old = Tables.empty()
    if current is not None and len(order.inputs) < len(TABLES):
        old = tables_of(artifacts, current.id)
    if not order.inputs and current is None:
        raise InputRefused("FAQ만으로는 적재할 수 없어요. --products 도 함께 주세요.")
    if REVIEWS in order.inputs and PRODUCTS not in order.inputs and not len(old.products):
        raise InputRefused("리뷰만으로는 적재할 수 없어요. --products 도 함께 주세요.")
    with tqdm(total=len(sheets) + 2, desc="정리", unit="표", leave=False) as bar:
        cleaning = _Cleaning(order, sheets, old, bar.update)
        products, ingredients = cleaning.products(), cleaning.ingredients()
        products = clean.matched(products, ingredients)
        ingredients = clean.completed(ingredients, products)
        bar.update()
        reviews = cleaning.reviews(products)
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
        read={table.name: len(rows) for table, (rows, _) in sheets.items()}
        | ({FAQ.name: own.lines} if own else {}),
        rejects=cleaning.rejects | ({FAQ.name: own.rejects} if own else {}),
    )


def _unanswered(own: faq.Read | None) -> tuple[Count, ...]:
    if own is None or own.rejects.empty:
        return ()
    return (Count(FAQ.name, "쓸 수 없는 줄", 0, 0, len(own.rejects)),)


class _Cleaning:
    """The tables of one order, one after the other, and the counts that come of it."""

    def __init__(
        self,
        order: Order,
        sheets: "Mapping[Table, tuple[pd.DataFrame, list[files.Reject]]]",
        old: Tables,
        done: Callable[[], object],
    ) -> None:
        self.counts: list[Count] = []
        self.rejects: dict[str, pd.DataFrame] = {}
        self._order, self._sheets, self._old, self._done = order, sheets, old, done

    def products(self) -> pd.DataFrame:
        return self._run(PRODUCTS, clean.product_steps())

    def ingredients(self) -> pd.DataFrame:
        mapping = self._order.mapping
        return self._run(INGREDIENTS, clean.ingredient_steps(mapping.separators, mapping.words))

    def reviews(self, products: pd.DataFrame) -> pd.DataFrame:
        if REVIEWS in self._sheets:
            return self._run(REVIEWS, clean.review_steps(products, self._order.max_reviews))
        old = self._old.reviews
        return old[old["product_id"].isin(products["product_id"])].reset_index(drop=True)

    def lost_pictures(self, told: pd.DataFrame, shown: pd.DataFrame) -> None:
        lost = int(told["picture"].notna().sum() - shown["picture"].notna().sum())
        self.counts.append(Count(PRODUCTS.name, "사진", 0, lost, 0))

    def _run(self, table: Table, steps: tuple[Step, ...]) -> pd.DataFrame:
        if table not in self._sheets:
            return self._old.frame(table)
        rows, broken = self._sheets[table]
        if broken:
            self.counts.append(Count(table.name, "읽을 수 없는 줄", 0, 0, len(broken)))
        frame, counts = clean.run(table, rows, steps)
        self.counts.extend(counts)
        unread = pd.DataFrame([asdict(one) for one in broken], columns=["file", "line", "reason"])
        self.rejects[table.name] = pd.concat([unread, clean.rejected(frame)]).sort_values("line")
        self._done()
        return clean.kept(frame)[tables.columns_of(table)]


def _read(
    table: Table, path: Path, mapping: ColumnMapping
) -> tuple[pd.DataFrame, list[files.Reject]]:
    """The file's rows under our columns, and the lines that are none."""
    sheet = files.read(path)
    named = naming(table, sheet.headings, mapping.naming(table))
    if missing := lacking(table, named):
        near = nearest(table, sheet.headings)
        raise refusal(f"{path.name} 1번째 줄", table, sheet.headings, missing, near)
    places = {heading: place for place, heading in enumerate(sheet.headings)}
    columns = {
        column: [row[places[heading]] for row in sheet.rows]
        for heading, filled in named.items()
        for column in filled
    }
    return clean.frame_of(table, columns, sheet.lines, sheet.file), list(sheet.rejects)


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
        built = build_index(building / INDEX, cleaned.tables, cleaned.faq, shop, earlier)
        if order.rejects is None:
            rejects.write(building / "rejects", cleaned.rejects)
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
        code=_version(),
        embedding=embedding,
        options=order.options,
        inputs={table.name: path.name for table, path in order.inputs.items()}
        | ({FAQ.name: order.faq.name} if order.faq else {}),
        products=load.products,
        ingredients=load.ingredients,
        reviews=load.reviews,
        faq=len(cleaned.faq),
        read=cleaned.read,
        steps=tuple(Counted(**asdict(count)) for count in cleaned.counts),
        files=made,
    )


def _version() -> str:
    try:
        return metadata.version("ppoyami")
    except metadata.PackageNotFoundError:
        return "unknown"
