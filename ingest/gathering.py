"""What `python -m ingest fetch` does: the sources asked, what came written as files."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from engine.parsing.korean import with_particle
from engine.provenance import Origin, beside, code_version
from ingest import mapping
from ingest.artifacts import alone
from ingest.errors import InputRefused
from ingest.fetch import QUERIES
from ingest.settings import IngestSettings
from ingest.sources import (
    eu_annexes,
    eu_cosing,
    mfds,
    naver_kin,
    product_page,
    sitemap,
)
from ingest.sources.fetching import Fetcher, Manners, emptied, swept, write_whole

FOLDER: Final = "fetched"
"""Of the artefacts."""
TERMS: Final = {
    "kin": "지식iN 글은 쓴 사람과 네이버의 것이에요. 약관과 저작권을 확인하고 밖에 내지 마세요.",
    "mfds": "식약처의 공공데이터예요. data.go.kr의 두 서비스에 적힌 이용허락범위를 따라요.",
    "pages": "글과 사진은 그 가게와 리뷰를 쓴 사람의 것이에요. 그 사이트의 약관을 확인해 주세요.",
    "annexes": "부속서는 유럽 위원회의 CosIng에서 왔어요. 출처를 밝혀 주세요(2011/833/EU). "
    "나머지 열은 성분 파일의 조건을 따라요.",
}
"""Of what each source gives, for the file beside it."""
AS_BEFORE: Final = "전에 받아 둔 것을 읽었어요. 새로 받으려면 --fresh를 붙여 주세요."


@dataclass(frozen=True, slots=True)
class Job:
    """One source, with what it needs already found: nothing is asked before that."""

    work: Callable[[Fetcher], Awaitable[str]]
    """The report. Raises InputRefused where it could not end, after writing what there is."""


def run(chosen: argparse.Namespace, settings: IngestSettings) -> str:
    """The report. Raises InputRefused and OSError; what came is kept."""
    if chosen.source == "annexes" and not chosen.url:
        return _joined(chosen, eu_annexes.read(chosen.annex), None)
    job = _job(chosen, settings)
    manners = Manners(
        chosen.contact or settings.contact or "",
        delay=chosen.delay,
        allow_local=chosen.allow_local,
    )
    cache = settings.artifacts / FOLDER / chosen.source
    with alone(cache.with_name(f".{chosen.source}.lock"), _waiting):
        if chosen.fresh:
            emptied(cache)
        return asyncio.run(_done(job, Fetcher(cache, manners)))


def _waiting() -> None:
    print("같은 출처를 받고 있는 다른 명령이 끝나기를 기다려요.", file=sys.stderr)


async def _done(job: Job, fetcher: Fetcher) -> str:
    async with fetcher:
        report = await job.work(fetcher)
        return report if fetcher.asked else f"{report}\n{AS_BEFORE}"


def _job(chosen: argparse.Namespace, settings: IngestSettings) -> Job:
    match chosen.source:
        case "kin":
            return _kin(chosen, settings)
        case "pages":
            return _pages(chosen)
        case "annexes":
            return _annexes(chosen)
        case _:
            return _mfds(chosen, settings)


def _kin(chosen: argparse.Namespace, settings: IngestSettings) -> Job:
    where = "https://developers.naver.com/apps 에서 «검색» API를 신청하면 받아요"
    key = naver_kin.Key(
        _told(settings.naver_client_id, "PPOYAMI_NAVER_CLIENT_ID", where),
        _told(settings.naver_client_secret, "PPOYAMI_NAVER_CLIENT_SECRET", where),
    )
    queries, search = tuple(chosen.query or QUERIES), settings.naver_url or naver_kin.SEARCH

    async def work(fetcher: Fetcher) -> str:
        harvest = await naver_kin.gather(fetcher, key, queries, search)
        _check_rows(chosen, harvest.rows, f"{harvest.stopped}\n{harvest.summary}")
        told = _origin(chosen, fetcher, queries, len(harvest.rows), whole=not harvest.stopped)
        _put(chosen.out, harvest.jsonl.encode(), told)
        report = f"{harvest.summary}\n{chosen.out}에 적었어요."
        if harvest.stopped:
            raise InputRefused(f"{harvest.stopped}\n{report}")
        return report

    return Job(work)


def _mfds(chosen: argparse.Namespace, settings: IngestSettings) -> Job:
    where = "https://www.data.go.kr 에서 화장품 원료성분정보를 활용신청하면 받아요"
    key = _told(settings.mfds_key, "PPOYAMI_MFDS_KEY", where)
    base = (settings.mfds_url or mfds.BASE).rstrip("/")

    async def work(fetcher: Fetcher) -> str:
        gathered = await mfds.gather(fetcher, key, base)
        _check_rows(chosen, gathered.rows, gathered.summary)
        lists = (mfds.INGREDIENTS, mfds.RESTRICTED)
        told = _origin(chosen, fetcher, lists, len(gathered.rows))
        _put(chosen.out, gathered.csv.encode(), told)
        return f"{gathered.summary}\n{chosen.out}에 적었어요."

    return Job(work)


def _pages(chosen: argparse.Namespace) -> Job:
    if (chosen.addresses is None) == (chosen.sitemap is None):
        raise InputRefused("pages: --addresses 와 --sitemap 가운데 하나를 주세요.")
    given = product_page.addresses(chosen.addresses) if chosen.addresses else ()

    async def work(fetcher: Fetcher) -> str:
        listing = await sitemap.listed(fetcher, chosen.sitemap) if chosen.sitemap else None
        places = [one for one in (listing.addresses if listing else given) if chosen.only in one]
        if not places:
            raise InputRefused("pages: 물어볼 주소가 하나도 없어요.")
        harvest = await product_page.gather(fetcher, places)
        _check_rows(chosen, harvest.products, harvest.summary)
        sought = (chosen.sitemap or chosen.addresses.name,)
        for name, columns, rows in product_page.tables(harvest):
            told = _origin(chosen, fetcher, sought, len(rows), whole=not harvest.left)
            _put(chosen.out / name, product_page.written(columns, rows), told)
        lines = [harvest.summary]
        if listing is not None and listing.foreign:
            lines.append(f"사이트맵에 있지만 다른 서버라 묻지 않은 주소: {listing.foreign:,}개")
        report = "\n".join([*lines, f"{chosen.out}에 적었어요."])
        if harvest.left:
            raise InputRefused(report)
        return report

    return Job(work)


def _annexes(chosen: argparse.Namespace) -> Job:
    given = eu_annexes.read(chosen.annex)

    async def work(fetcher: Fetcher) -> str:
        came = [await fetcher.get(url) for url in chosen.url]
        read = [entry for one in came for entry in eu_annexes.parsed(_file(one.url), one.text)]
        return _joined(chosen, (*given, *read), fetcher)

    return Job(work)


def _joined(
    chosen: argparse.Namespace, entries: Sequence[eu_annexes.Entry], fetcher: Fetcher | None
) -> str:
    if not entries:
        raise InputRefused("annexes: --annex 파일이나 --url 주소를 주세요.")
    before = eu_cosing.ingredients_of(chosen.ingredients, mapping.opened(chosen.mapping))
    after = eu_cosing.annexed(before, entries)
    sought = (*(path.name for path in chosen.annex), *chosen.url)
    _put(chosen.out, eu_cosing.written(after), _origin(chosen, fetcher, sought, len(after)))
    return f"{eu_cosing.counted(before, after)}\n{chosen.out}에 적었어요."


def _check_rows(chosen: argparse.Namespace, rows: Sequence[object], report: str) -> None:
    """What an earlier run wrote is not written over with nothing."""
    if not rows:
        out = with_particle(str(chosen.out), "은/는")
        raise InputRefused(f"{report.strip()}\n적을 것이 없어서 {out} 그대로 뒀어요.")


def _origin(
    chosen: argparse.Namespace,
    fetcher: Fetcher | None,
    sought: Sequence[str],
    rows: int,
    *,
    whole: bool = True,
) -> Origin:
    """Of a file that is not written yet."""
    return Origin(
        source=chosen.source,
        hosts=tuple(fetcher.hosts) if fetcher else (),
        sought=tuple(sought),
        since=fetcher.since if fetcher else None,
        at=datetime.now(UTC).replace(microsecond=0),
        asked=fetcher.asked if fetcher else 0,
        rows=rows,
        whole=whole,
        code=code_version(),
        terms=TERMS[chosen.source],
        sha256="",
    )


def _put(path: Path, content: bytes, told: Origin) -> None:
    """The file, then beside it where it came from: one that died in between tells nothing."""
    swept(path.parent, escape(path.name))
    write_whole(path, content)
    summed = told.model_copy(update={"sha256": sha256(content).hexdigest()})
    write_whole(beside(path), summed.model_dump_json(indent=1).encode())


def _file(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name


def _told(secret: SecretStr | None, name: str, where: str) -> str:
    if secret is None or not secret.get_secret_value().strip():
        raise InputRefused(f"설정 {name}에 키가 있어야 해요: {where}.")
    return secret.get_secret_value().strip()
