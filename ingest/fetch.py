"""python -m ingest fetch kin | mfds | pages | annexes: public sources as files.

`load` and training read them. What was fetched stays in a folder below the artefacts, so that the
next run of the same command goes on where this one ended.

Only the words of the command stand here: what it asks the web with is in the extra `fetch`, and
`ingest.gathering`, which needs it, is imported when something is fetched.
"""

import argparse
from pathlib import Path
from typing import Final

from ingest import mapping
from ingest.errors import InputRefused
from ingest.settings import IngestSettings

EXTRA: Final = frozenset({"defusedxml", "extruct", "parsel", "protego", "w3lib"})
"""Packages of the extra `fetch`, as they are imported."""
QUERIES: Final = ("지성 추천", "건성 추천", "복합성 추천", "화장품 트러블", "화장품 부작용")
"""What Knowledge-iN is asked for."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    fetching = commands.add_parser("fetch", help="공개된 곳에서 자료를 받아 파일로 적어요.")
    sources = fetching.add_subparsers(dest="source", required=True, metavar="출처")
    kin = _source(sources, "kin", "네이버 지식iN의 질문과 답변 (JSONL)")
    text = f"찾을 말. 여러 번 쓸 수 있어요. (기본: {', '.join(QUERIES)})"
    kin.add_argument("--query", action="append", metavar="말", help=text)
    _source(sources, "mfds", "식약처의 화장품 성분과 사용 제한 (CSV)")
    what = "schema.org로 적힌 제품 페이지의 제품과 리뷰 (products.csv, reviews.csv)"
    pages = _source(sources, "pages", what, "적을 폴더")
    text = "제품 페이지의 주소가 한 줄에 하나씩 적힌 파일"
    pages.add_argument("--addresses", type=Path, metavar="파일", help=text)
    pages.add_argument("--sitemap", metavar="주소", help="제품 페이지가 적힌 사이트맵의 주소")
    text = "사이트맵의 주소 가운데 이 글자가 든 것만 (예: /product/)"
    pages.add_argument("--only", default="", metavar="글자", help=text)
    annexes = _source(sources, "annexes", "EU 화장품 규정 부속서 II–VI의 한도를 붙인 성분 (CSV)")
    text = "성분 파일 (CSV, TSV, JSONL, XLSX)"
    annexes.add_argument("--ingredients", type=Path, required=True, metavar="파일", help=text)
    text = f"열 이름 매핑: TOML 파일이나 {', '.join(mapping.ready_made())}"
    annexes.add_argument("--mapping", action="append", default=[], metavar="매핑", help=text)
    text = "부속서의 CSV (이름에 annex_II … annex_VI). 여러 번 쓸 수 있어요."
    annexes.add_argument(
        "--annex", type=Path, action="append", default=[], metavar="파일", help=text
    )
    text = "부속서 CSV의 주소. 여러 번 쓸 수 있어요."
    annexes.add_argument("--url", action="append", default=[], metavar="주소", help=text)


def run(chosen: argparse.Namespace, settings: IngestSettings) -> str:
    """The report. Raises InputRefused and OSError; what came is kept."""
    try:
        from ingest import gathering  # noqa: PLC0415  not in every installation, and slow to import

        return gathering.run(chosen, settings)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRA:
            raise
        raise InputRefused(
            f"공개된 곳에서 받는 데 쓰는 패키지({package})가 아직 없어요. 뽀야미의 폴더에서 "
            ".venv/bin/python -m pip install -e '.[fetch]' 를 실행하고 다시 해 주세요."
        ) from error


def _source(
    sources: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    what: str,
    out: str = "적을 파일",
) -> argparse.ArgumentParser:
    """With the options that all sources have."""
    source = sources.add_parser(name, help=what)
    source.add_argument("--out", type=Path, required=True, metavar=out.rpartition(" ")[2], help=out)
    text = "누가 묻는지: 이메일이나 웹 주소. 상대 서버에 알려요. (기본: PPOYAMI_CONTACT)"
    source.add_argument("--contact", metavar="연락처", help=text)
    text = "한 서버에 다시 묻기까지 기다리는 초 (기본: 1)"
    source.add_argument("--delay", type=_seconds, default=1.0, metavar="초", help=text)
    text = "사설 주소에도 물어요: 내 서버에서 시험할 때만 쓰세요."
    source.add_argument("--allow-local", action="store_true", help=text)
    text = "받아 둔 것을 지우고 처음부터 다시 받아요."
    source.add_argument("--fresh", action="store_true", help=text)
    return source


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("0에서 3600까지예요")
    return seconds
