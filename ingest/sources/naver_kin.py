"""Naver Knowledge-iN: questions that the search API finds, and each question's page.

The API is documented (https://developers.naver.com/docs/serviceapi/search/kin/kin.md): GET with the
headers X-Naver-Client-Id and X-Naver-Client-Secret, `query`, `display` ≤ 100, `start` ≤ 1000,
`sort`; the answer holds `total` and `items` of `title`, `link` and `description`. Errors come as
{"errorMessage", "errorCode"} with a 4xx or 5xx.

A question's page is no documented form: where a class changes its name, no question is read, and
the run says so. It is mended in `SELECTORS`: open a question in a browser, look up what holds its
title, text and answers («검사»), and put the new selector at the head of its row. The first of a
row that finds something counts. What robots.txt forbids is not asked.

Written are rows `{"question", "accepted", "others": […]}`, as `training.conversations --kin` reads
them: questions with an accepted answer and two answers or more, personal data masked. They are
their authors' texts and Naver's: whoever uses them looks up what its terms allow.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from parsel import Selector
from yarl import URL

from engine.parsing.privacy import mask
from ingest.errors import InputRefused
from ingest.sources.fetching import (
    Disallowed,
    Fetched,
    Fetcher,
    NotFetched,
    Progress,
    Refused,
)

SELECTORS: Final = {
    "title": (".endTitleSection", ".c-heading__title .title"),
    "body": (".questionDetail", ".c-heading__content"),
    "answer": ("._answerList ._answer", "[id^=answer_]"),
    # … and within an answer:
    "text": (".answerDetail", "._endContentsText", ".se-main-container"),
    "accepted": (".adoptCheck", ".badge__adoption"),
}
ACCEPTED: Final = re.compile(r"질문자(?:가)?\s*채택")
"""What else tells the accepted answer, outside its own text."""
SEARCH: Final = "https://openapi.naver.com/v1/search/kin.json"
DISPLAY: Final = 100
START_AT_MOST: Final = 1000
FAILURES_AT_MOST: Final = 3
"""So many pages in a row without an answer, and the rest is left in peace."""
_APPLY: Final = "https://developers.naver.com/apps 에서 «검색» API의 Client ID와 Secret을"
_QUOTA: Final = "010"
_SPEED: Final = "012"
_KEY: Final = frozenset({"024", "028"})
_BLANKS: Final = re.compile(r"[ \t\xa0\u200b\u200c\ufeff]+")
_READABLE: Final = (
    "descendant::text()[not(ancestor::script or ancestor::style or ancestor::*"
    "[contains(concat(' ', normalize-space(@class), ' '), ' blind ')])]"
    " | descendant::*[self::br or self::p or self::div or self::li or self::tr]"
)


class OutOfCalls(InputRefused):
    """The day's calls are used up."""


class WrongKey(InputRefused):
    """The API does not know this key."""


@dataclass(frozen=True, slots=True)
class Key:
    id: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Naver-Client-Id": self.id, "X-Naver-Client-Secret": self.secret}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's page, read."""

    question: str
    accepted: str
    others: tuple[str, ...]

    @property
    def row(self) -> dict[str, Any]:
        """As training reads it."""
        return {
            "question": mask(self.question),
            "accepted": mask(self.accepted),
            "others": [mask(other) for other in self.others],
        }


class Left(Enum):
    """Why a page gives no row."""

    UNREAD = auto()
    """No title or no answer was found on it: the form may have changed."""
    UNACCEPTED = auto()
    SINGLE = auto()
    GONE = auto()
    DISALLOWED = auto()
    UNREACHABLE = auto()


@dataclass(slots=True)
class Harvest:
    """What a run brought, whole or not."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    found: int = 0
    """Questions that the search named."""
    left: dict[Left, int] = field(default_factory=lambda: dict.fromkeys(Left, 0))
    disallowed: str = ""
    """The first sentence of robots.txt's."""
    stopped: str = ""
    """Why it ended early, in a sentence; empty where it did not."""

    @property
    def jsonl(self) -> str:
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in self.rows)

    @property
    def summary(self) -> str:
        counts = (
            ("채택된 답변이 없는 질문", Left.UNACCEPTED),
            ("답변이 하나뿐인 질문", Left.SINGLE),
            ("없어진 쪽", Left.GONE),
            ("읽지 못한 쪽", Left.UNREAD),
            ("닿지 못한 쪽", Left.UNREACHABLE),
            ("robots.txt가 막은 쪽", Left.DISALLOWED),
        )
        told = [f"찾은 질문 {self.found:,}개 가운데 {len(self.rows):,}개를 적었어요."]
        told += [f"  {title}: {self.left[why]:,}" for title, why in counts if self.left[why]]
        if self.disallowed:
            told.append(self.disallowed)
        if self.left[Left.UNREAD] and not self.rows:
            told.append(
                "질문 쪽의 모양이 바뀐 것 같아요: ingest/sources/naver_kin.py의 SELECTORS를 "
                "고쳐 주세요. 받아 둔 쪽을 다시 읽으니 다시 묻지는 않아요."
            )
        return "\n".join(told)


async def gather(
    fetcher: Fetcher, key: Key, queries: Sequence[str], search: str = SEARCH
) -> Harvest:
    """All rows of these queries. Raises WrongKey, and OSError where the folder fails; what else
    ends it early is told in the harvest, which keeps what was got."""
    harvest = Harvest()
    links = await _links(fetcher, key, queries, search, harvest)
    harvest.found = len(links)
    await _pages(fetcher, links, harvest)
    return harvest


# --- the search -----------------------------------------------------------------------------------


async def _links(
    fetcher: Fetcher, key: Key, queries: Sequence[str], search: str, harvest: Harvest
) -> list[str]:
    """The pages' addresses, each once."""
    links: dict[str, None] = {}
    progress = Progress("검색", len(queries) * START_AT_MOST // DISPLAY)
    try:
        for query in queries:
            async for page in _searched(fetcher, key, query, search):
                links |= dict.fromkeys(filter(None, map(_page, page)))
                progress.step(f"«{query}» 질문 {len(links):,}개")
    except (OutOfCalls, NotFetched) as error:
        harvest.stopped = str(error)
    finally:
        progress.close()
    return list(links)


async def _searched(fetcher: Fetcher, key: Key, query: str, search: str) -> Any:
    """The links of each page of results."""
    for start in range(1, START_AT_MOST + 1, DISPLAY):
        asked = {"query": query, "display": str(DISPLAY), "start": str(start), "sort": "sim"}
        url = str(URL(search).update_query(asked))
        told = _results(await fetcher.get(url, headers=key.headers, api=True, check=_sound))
        yield [str(item.get("link", "")) for item in told["items"]]
        if start + DISPLAY > int(told["total"]) or len(told["items"]) < DISPLAY:
            return


def _sound(answer: Fetched) -> None:
    if answer.status == 200:
        _results(answer)
        return
    match _error_code(answer):
        case code if code in _KEY or answer.status in (401, 403):
            raise WrongKey(
                f"네이버가 이 키를 받지 않아요({code or answer.status}): {_APPLY} 다시 확인해서 "
                "PPOYAMI_NAVER_CLIENT_ID와 PPOYAMI_NAVER_CLIENT_SECRET에 적어 주세요."
            )
        case code if code == _QUOTA:
            raise OutOfCalls(
                "네이버 검색의 하루 호출 한도를 다 썼어요(010). 내일 같은 명령을 다시 실행하면 "
                "이어서 해요."
            )
        case _:
            return  # too fast (012), or the server's own trouble: the fetcher asks again


def _results(answer: Fetched) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
        if isinstance(told["items"], list) and int(told["total"]) >= 0:
            return dict(told)
    except (ValueError, KeyError, TypeError):
        pass
    raise NotFetched(f"{answer.url}: 검색 결과(items, total)가 아닌 답이 왔어요.")


def _error_code(answer: Fetched) -> str:
    try:
        return str(json.loads(answer.body)["errorCode"])
    except (ValueError, KeyError, TypeError):
        return ""


def _page(link: str) -> str | None:
    """A question's address with nothing but what names it: the same from every query."""
    try:
        url = URL(link)
        kept = {name: url.query[name] for name in ("d1id", "dirId", "docId") if name in url.query}
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or "docId" not in kept:
        return None
    return str(url.with_query(kept).with_fragment(None))


# --- the pages ------------------------------------------------------------------------------------


async def _pages(fetcher: Fetcher, links: Sequence[str], harvest: Harvest) -> None:
    failures = 0
    progress = Progress("질문", len(links))
    for link in links:
        try:
            found = read(await fetcher.get(link))
            failures = 0
        except Disallowed as error:
            harvest.disallowed = harvest.disallowed or str(error)
            found = Left.DISALLOWED
        except NotFetched as error:
            found = _missing(error)
            failures = 0 if found is Left.GONE else failures + 1
            if failures == FAILURES_AT_MOST:
                harvest.stopped = harvest.stopped or str(error)
        if isinstance(found, Asked):
            harvest.rows.append(found.row)
        else:
            harvest.left[found] += 1
        progress.step(f"{len(harvest.rows):,}개 적음")
        if failures == FAILURES_AT_MOST:
            break
    progress.close()


def _missing(error: NotFetched) -> Left:
    gone = isinstance(error, Refused) and error.answer.status in (404, 410)
    return Left.GONE if gone else Left.UNREACHABLE


def read(page: Fetched) -> Asked | Left:
    """The question of a page, or why it is not kept."""
    document = Selector(page.text, type="html")
    title, body = _first(document, "title"), _first(document, "body")
    boxes = _found(document, "answer")
    if not title or not boxes:
        return Left.UNREAD
    accepted: list[str] = []
    others: list[str] = []
    for box in boxes:
        if text := _first(box, "text"):
            (accepted if not accepted and _is_accepted(box, text) else others).append(text)
    if not accepted:
        return Left.UNACCEPTED if others else Left.UNREAD
    if not others:
        return Left.SINGLE
    question = title if body.startswith(title) or not body else f"{title}\n{body}"
    return Asked(question if body != title else title, accepted[0], tuple(others))


def _is_accepted(box: Selector, text: str) -> bool:
    if any("채택" in _text(badge) for badge in _found(box, "accepted")):
        return True
    return len(ACCEPTED.findall(_text(box))) > len(ACCEPTED.findall(text))


def _found(within: Selector, what: str) -> Sequence[Selector]:
    """By the first selector that finds anything."""
    for selector in SELECTORS[what]:
        if found := within.css(selector):
            return found
    return ()


def _first(within: Selector, what: str) -> str:
    """The first text that a row's selectors find, or none."""
    for selector in SELECTORS[what]:
        for found in within.css(selector):
            if text := _text(found):
                return text
    return ""


def _text(node: Selector) -> str:
    """What a reader sees of it, a line for each block."""
    joined = "".join(_pieces(node))
    lines = (_BLANKS.sub(" ", line).strip() for line in joined.split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(node: Selector) -> Iterator[str]:
    for piece in node.xpath(_READABLE):
        text = piece.root
        yield _BLANKS.sub(" ", text.replace("\n", " ")) if isinstance(text, str) else "\n"
