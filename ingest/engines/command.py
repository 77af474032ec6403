"""`python -m ingest clean`, and the options that `load` shares with it."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from ingest import clean, mapping, reading, report, trust
from ingest.clean import Step
from ingest.columns import PRODUCTS, REVIEWS
from ingest.engines.job import ENGINES, PANDAS, Engine, Job, Means, opened, work_of
from ingest.errors import InputRefused

if TYPE_CHECKING:
    from ingest.shop import Shop

_UNITS: Final = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_LEAST: Final = 256 * 1024**2


def add_options(parser: argparse.ArgumentParser) -> None:
    text = "리뷰를 정리할 방식: pandas(기본, 모두 메모리에), duckdb(한 대, 정한 메모리 안에서), "
    parser.add_argument("--engine", choices=ENGINES, default=PANDAS, help=text + "ray(여러 대)")
    text = "duckdb가 디스크로 넘기기 전까지 쓸 메모리, ray의 객체 저장소 크기 (기본: 2GB)"
    parser.add_argument("--memory", type=_bytes, metavar="크기", default=_bytes("2GB"), help=text)
    text = "나란히 돌릴 프로세스의 수 (기본: 프로세서의 수만큼)"
    parser.add_argument("--workers", type=_positive, metavar="N", help=text)
    text = "이미 있는 Ray 클러스터의 주소 (기본: 이 컴퓨터에서 잠깐 띄워요)"
    parser.add_argument("--address", metavar="주소", help=text)


def engine_of(chosen: argparse.Namespace) -> Engine | None:
    """None is the plain load's own way."""
    return None if chosen.engine == PANDAS else _engine(chosen)


def run(chosen: argparse.Namespace, shop: "Shop") -> str:
    """The report. The folder is made, and a folder that holds something is not touched."""
    folder: Path = chosen.out
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputRefused(f"{folder}: 비어 있는 폴더여야 해요. 다른 이름을 적어 주세요.")
    if chosen.vectors and chosen.engine != "ray":
        raise InputRefused("--vectors는 --engine ray와 함께 써 주세요.")
    columns = mapping.opened(chosen.mapping)
    steps = _steps(chosen, _products(chosen, columns, shop))
    if chosen.sponsored == "drop":
        steps = (clean.UNSPONSORED, *steps)
    working = folder.with_name(f".{folder.name}.cleaning")
    result = _engine(chosen).clean(Job(chosen.reviews, steps, columns, chosen.day), working)
    if chosen.vectors:
        _embed(chosen, working, shop)
    if folder.exists():
        folder.rmdir()
    working.rename(folder)
    rows = [
        (count.step, f"{count.changed:,}", f"{count.emptied:,}", f"{count.dropped:,}")
        for count in result.counts
    ]
    dropped = sum(count.dropped for count in result.counts)
    told = report.table(("단계", "고친 칸", "비운 칸", "뺀 줄"), rows)
    return (
        f"리뷰 {result.read:,}줄을 읽었어요.\n{told}\n"
        f"뺀 줄은 모두 {dropped:,}개예요. 남은 리뷰는 {folder / 'kept'}, "
        f"뺀 줄과 까닭은 {folder / 'rejects'}에 Parquet으로 적었어요."
    )


def _steps(chosen: argparse.Namespace, products: pd.DataFrame) -> Sequence[Step]:
    steps = clean.review_steps(products, chosen.max_reviews)
    if chosen.sponsored == "drop":
        steps = (clean.UNSPONSORED, *steps)
    if chosen.copies == "keep":
        steps = tuple(step for step in steps if work_of(step) is not trust.copied)
    return steps


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    text = "리뷰만 정리해서 Parquet으로 써요. 메모리에 다 들어가지 않아도 돼요."
    parser = commands.add_parser("clean", help=text)
    text = "리뷰 파일 (CSV, TSV, JSONL, XLSX, Parquet)이나 그런 파일의 폴더"
    parser.add_argument("--reviews", type=Path, metavar="파일", required=True, help=text)
    text = "제품 파일이나 폴더 (기본: 지금 적재의 제품)"
    parser.add_argument("--products", type=Path, metavar="파일", help=text)
    text = "결과를 쓸 폴더. 아직 없거나 비어 있어야 해요."
    parser.add_argument("--out", type=Path, metavar="폴더", required=True, help=text)
    text = "거의 같은 글을 그대로 둘지(keep) 뺄지(drop, 기본). 긴 글을 모두 메모리에 두고 견줘서, "
    text += "리뷰가 수백만 개를 넘으면 오래 걸려요."
    parser.add_argument("--copies", choices=("keep", "drop"), default="drop", help=text)
    text = "남은 글의 벡터도 써요 (ray만): 폴더 안의 vectors에 product_id, reviewer, vector"
    parser.add_argument("--vectors", action="store_true", help=text)
    add_options(parser)
    return parser


def _engine(chosen: argparse.Namespace) -> Engine:
    return opened(chosen.engine, _means(chosen))


def _means(chosen: argparse.Namespace) -> Means:
    return Means(workers=chosen.workers, memory=chosen.memory, address=chosen.address)


def _embed(chosen: argparse.Namespace, folder: Path, shop: "Shop") -> None:
    from ingest.engines.ray import Ray  # noqa: PLC0415  large, and asked for by --vectors only

    Ray(_means(chosen)).embed(folder, shop.embedding)


def _products(chosen: argparse.Namespace, columns: mapping.Mapping, shop: "Shop") -> pd.DataFrame:
    if chosen.products is not None:
        sheet = reading.read(PRODUCTS, chosen.products, columns)
        return clean.kept(clean.run(PRODUCTS, sheet.frame, clean.product_steps())[0])
    from ingest.index import tables_of  # noqa: PLC0415  seconds to import

    current = shop.store.current()
    if current is None:
        raise InputRefused(
            f"아직 적재한 것이 없어요. {REVIEWS.title}가 어느 제품의 것인지 알도록 "
            "--products 도 함께 주세요."
        )
    return tables_of(shop.artifacts, current.id).products


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)i?B?", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size < _LEAST:
        raise argparse.ArgumentTypeError("4GB나 512MB처럼, 256MB보다 크게 적어 주세요")
    return size


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1보다 작을 수 없어요")
    return number
