"""What a load's tables are turned into for the engine: rating matrix and search index."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Never

from chromadb.errors import ChromaError
from tqdm import tqdm

from engine.errors import EngineError, IndexUnavailable, MatrixUnavailable
from engine.parsing.korean import with_particle
from engine.recommend.building import build
from engine.recommend.matrix import mapped
from engine.retrieval import building
from engine.retrieval.documents import documents
from ingest import faq
from ingest import tables as stored
from ingest.artifacts import Artifacts
from ingest.errors import InputRefused
from ingest.shop import Shop
from ingest.tables import Tables

INDEX: Final = "index"
MATRIX: Final = "matrix"
_INTERACTION: Final = {"reviewer": "user", "product_id": "item"}


def build_matrix(folder: Path, tables: Tables) -> None:
    reviews = tables.reviews.rename(columns=_INTERACTION)
    build(folder, reviews, tables.products.rename(columns=_INTERACTION))


def build_index(
    folder: Path,
    tables: Tables,
    answers: faq.Pairs,
    shop: Shop,
    earlier: Iterable[Path] = (),
) -> building.Built:
    """Vectors of unchanged texts come from the indexes `earlier`. Raises IndexUnavailable."""
    found = documents(tables.products, tables.ingredients, tables.reviews, answers)
    with tqdm(desc="색인", unit="조각", leave=False) as bar:
        try:
            return building.build(
                folder,
                found,
                shop.embedding,
                _moved(bar),
                chroma_url=shop.chroma_url,
                embeddings=shop.embeddings,
                earlier=earlier,
            )
        except ChromaError as error:  # a full disk, above all
            raise IndexUnavailable(f"색인을 쓸 수 없어요: {error}") from error


def rebuild(shop: Shop, *, fresh: bool = False) -> str:
    """Build the current load's index again, beside the one that serves until then.

    `fresh`: without the vectors it has. Returns what was done, in a sentence.
    """
    artifacts, load = shop.artifacts, shop.store.current()
    if load is None:
        raise InputRefused("아직 적재한 것이 없어요. 먼저 python -m ingest load 를 실행해 주세요.")
    tables, folder = tables_of(artifacts, load.id), artifacts.folder(load.id)
    earlier = () if fresh else (folder / INDEX,)
    built = build_index(folder / INDEX, tables, faq.opened(folder), shop, earlier)
    matrix = folder / MATRIX
    try:
        mapped(matrix)
    except MatrixUnavailable:  # missing, torn, or of another version of this program
        build_matrix(matrix, tables)
    embedder = with_particle(shop.embedding, "으로/로")
    return (
        f"{load.id}의 색인을 {embedder} 다시 만들었어요. 문서는 {built.documents:,}개예요. "
        f"{embedded(built)}"
    )


def embedded(built: building.Built) -> str:
    return f"조각 {built.pieces:,}개 가운데 {built.embedded:,}개를 새로 임베딩했어요."


def tables_of(artifacts: Artifacts, load: str) -> Tables:
    """The rows as that load cleaned them. Raises InputRefused where they are missing or torn."""
    try:
        return stored.opened(artifacts.folder(load) / "catalogue")
    except (OSError, ValueError, EOFError) as error:
        raise InputRefused(
            f"적재 {load}의 표가 {artifacts.folder(load)}에 없거나 온전하지 않아요. "
            "제품·성분·리뷰 파일을 모두 주고 다시 적재해 주세요."
        ) from error


def withdraw(load: Path, shop: Shop) -> None:
    """Take a load's collections off the Chroma server, as far as it answers."""
    if shop.chroma_url is not None:
        try:
            building.discard(load / INDEX, shop.chroma_url)
        except (EngineError, OSError, ValueError, TypeError):
            return  # nothing was there, or it stays behind: neither is worth stopping for


def _moved(bar: "tqdm[Never]") -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return progress
