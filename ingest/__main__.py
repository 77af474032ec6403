"""python -m ingest load | clean | fetch | index | report | history | rollback

Exit status: 0 done, 1 input refused (or a store, disk or server that fails), 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.errors import EngineError
from engine.parsing import dates
from engine.parsing.korean import with_particle
from engine.provenance import command
from ingest import fetch, mapping
from ingest.columns import INGREDIENTS, PRODUCTS, REVIEWS, Table
from ingest.engines import command as engines
from ingest.errors import InputRefused
from ingest.settings import IngestSettings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ingest.shop import Shop

# ruff: noqa: PLC0415  The store, the matrix and the index take seconds to import: --help and fetch,
# which need none of them, do not wait for that.

NOTHING_YET = "아직 적재한 것이 없어요."


def main(arguments: Sequence[str] | None = None, embeddings: "Embeddings | None" = None) -> int:
    """The exit status. `embeddings`: the configured embedder, already opened."""
    parser = _parser()
    words = sys.argv[1:] if arguments is None else arguments
    chosen = parser.parse_args(words)
    chosen.words = words
    if chosen.command == "load" and not _inputs(chosen) and chosen.faq is None:
        parser.error("load: --products, --reviews, --ingredients, --faq 가운데 하나는 있어야 해요.")
    try:
        settings = IngestSettings()
        if chosen.command == "fetch":
            print(fetch.run(chosen, settings))
        else:
            from ingest.shop import Shop

            print(_done(chosen, Shop.of(settings, embeddings)))
    except ValidationError as error:
        name = ".".join(map(str, error.errors()[0]["loc"])).upper()
        return _fail(f"{with_particle(f'설정 PPOYAMI_{name}', '을/를')} 읽을 수 없어요.", 2)
    except (InputRefused, EngineError) as error:
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"{error.filename or '디스크'}: 읽거나 쓸 수 없어요 ({error.strerror}).", 1)
    except KeyboardInterrupt:
        kept = "받아 둔 것은" if chosen.command == "fetch" else "전에 적재한 것은"
        return _fail(f"그만뒀어요. {kept} 그대로예요.", 130)
    return 0


def _done(chosen: argparse.Namespace, shop: "Shop") -> str:
    from ingest import index, load, report

    with shop.artifacts.locked(lambda: print("다른 적재가 끝나기를 기다려요.", file=sys.stderr)):
        match chosen.command:
            case "load":
                return _loaded(chosen, shop)
            case "clean":
                return engines.run(chosen, shop)
            case "index":
                return index.rebuild(shop, fresh=chosen.fresh)
            case "rollback":
                return load.roll_back(chosen.id, shop)
            case "history":
                return report.history(shop.store.loads(), shop.store.current(), shop.artifacts)
            case _:
                return _reported(chosen, shop)


def _loaded(chosen: argparse.Namespace, shop: "Shop") -> str:
    from engine.retrieval.generations import generation
    from ingest import index, load

    current = shop.store.current() if chosen.if_empty else None
    if current is not None and shop.artifacts.manifest(current.id):
        kept = f"이미 적재한 것({current.id})이 있어서 그대로 뒀어요."
        if generation(shop.artifacts.folder(current.id) / index.INDEX) is not None:
            return kept
        return f"{kept} {index.rebuild(shop)}"  # an earlier version of this program made it
    order = load.Order(
        inputs=_inputs(chosen),
        faq=chosen.faq,
        mapping=mapping.opened(chosen.mapping),
        rejects=chosen.rejects,
        max_reviews=chosen.max_reviews,
        sponsored=chosen.sponsored == "keep",
        day=chosen.day,
        command=command("ingest", chosen.words),
        pairs=chosen.pairs,
        engine=engines.engine_of(chosen),
    )
    return load.run(order, shop)


def _reported(chosen: argparse.Namespace, shop: "Shop") -> str:
    from ingest import publishing, report

    current = shop.store.current()
    manifest = shop.artifacts.manifest(current.id) if current else None
    if manifest is None:
        return NOTHING_YET
    target = publishing.place(shop.artifacts, manifest.id, chosen.html, chosen.out)
    written = publishing.publish(manifest, shop.artifacts, target)
    return f"{report.summary(manifest)}\n\n{written}"


def _inputs(chosen: argparse.Namespace) -> dict[Table, Path]:
    given = {
        PRODUCTS: chosen.products,
        INGREDIENTS: chosen.ingredients,
        REVIEWS: chosen.reviews,
    }
    return {table: path for table, path in given.items() if path is not None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description="카탈로그를 적재해요.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="명령")
    loading = commands.add_parser("load", help="파일을 정리해서 새 적재를 만들어요.")
    for table in (PRODUCTS, INGREDIENTS, REVIEWS):
        text = f"{table.title} 파일 (CSV, TSV, JSONL, XLSX, Parquet)이나 그런 파일의 폴더"
        loading.add_argument(f"--{table.name}", type=Path, metavar="파일", help=text)
    text = "가게의 질문과 답 파일 (열 question, answer). 안 주면 지금 것을 그대로 써요."
    loading.add_argument("--faq", type=Path, metavar="파일", help=text)
    _add_reading(loading)
    engines.add_options(loading)
    text = "뺀 줄과 까닭을 쓸 폴더 (기본: 적재 폴더 안의 rejects)"
    loading.add_argument("--rejects", type=Path, metavar="폴더", help=text)
    text = "같은 제품인지 정해 준 짝: 적재가 쓴 doubtful.csv의 decision 칸에 same이나 different"
    loading.add_argument("--pairs", type=Path, metavar="파일", help=text)
    text = "이미 적재한 것이 있으면 아무것도 하지 않아요."
    loading.add_argument("--if-empty", action="store_true", help=text)
    _add_reading(engines.add_to(commands))
    fetch.add_to(commands)
    indexing = commands.add_parser("index", help="지금 적재의 색인을 다시 만들어요.")
    text = "바뀌지 않은 글도 새로 임베딩해요."
    indexing.add_argument("--fresh", action="store_true", help=text)
    reporting = commands.add_parser("report", help="지금 적재를 어떻게 정리했는지 보여 줘요.")
    where = reporting.add_mutually_exclusive_group()
    text = "보고서를 쓸 HTML 파일 (기본: 적재 폴더 안의 report/report.html)"
    where.add_argument("--html", type=Path, metavar="파일", help=text)
    text = "보고서와 그림을 쓸 폴더"
    where.add_argument("--out", type=Path, metavar="폴더", help=text)
    commands.add_parser("history", help="적재의 내력을 보여 줘요.")
    back = commands.add_parser("rollback", help="전의 적재로 되돌려요.")
    back.add_argument("id", metavar="적재")
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How reviews are read, whatever comes of them."""
    ready = ", ".join(mapping.ready_made())
    text = f"열 이름 매핑: TOML 파일이나 {ready}. 여러 번 쓸 수 있어요."
    parser.add_argument("--mapping", action="append", default=[], metavar="매핑", help=text)
    text = "한 사람의 리뷰가 이보다 많으면 빼요 (기본: 분포를 보고 정해요)"
    parser.add_argument("--max-reviews", type=_positive, metavar="N", help=text)
    text = "협찬·체험단이라고 밝힌 리뷰: keep은 세기만 하고(기본), drop은 빼요."
    parser.add_argument("--sponsored", choices=("keep", "drop"), default="keep", help=text)
    text = "파일을 받은 날: «2개월 전» 같은 날짜를 여기부터 세요 (기본: 파일을 고친 날)"
    parser.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help=text)


def _day(text: str) -> date:
    if (day := dates.day(text)) is None:
        raise argparse.ArgumentTypeError("2025-05-24처럼 적어 주세요")
    return day


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1보다 작을 수 없어요")
    return number


def _fail(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
