"""The Ministry of Food and Drug Safety's open API: cosmetic ingredients and what limits their use.

On the public data portal, each to be applied for with the same key:
화장품 원료성분정보 (https://www.data.go.kr/data/15111774/openapi.do) and
화장품 사용제한 원료정보 (https://www.data.go.kr/data/15111772/openapi.do).

GET with `serviceKey`, `pageNo`, `numOfRows` and `type=json`; the answer has `header.resultCode`
(«00»), `body.totalCount` and `body.items`. The portal's gateway answers in XML whatever `type`
says, and with status 200: <OpenAPI_ServiceResponse> … <returnReasonCode>.

Fields of an ingredient: INGR_KOR_NAME, INGR_ENG_NAME, CAS_NO, ORIGIN_MAJOR_KOR_NAME (its «기원 및
정의»), INGR_SYNONYM. Of a restriction: REGULATE_TYPE (금지, 제한), INGR_STD_NAME, INGR_ENG_NAME,
CAS_NO, INGR_SYNONYM, COUNTRY_NAME, NOTICE_INGR_NAME, PROVIS_ATRCL, LIMIT_COND. The list holds a row
for each country, and the API's own filters are not relied on: the whole is fetched, and Korea's
rows are taken here. The names of fields are as others report them to come; which words
COUNTRY_NAME has for Korea is not documented, so a list without any of `HOME` is told.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from yarl import URL

from engine.parsing.ingredients import ingredient_names
from engine.parsing.korean import squeeze
from ingest.errors import InputRefused
from ingest.sources.fetching import Fetched, Fetcher, NotFetched, Progress

BASE: Final = "https://apis.data.go.kr/1471000"
INGREDIENTS: Final = "CsmtcsIngdCpntInfoService01/getCsmtcsIngdCpntInfoService01"
RESTRICTED: Final = "CsmtcsUseRstrcInfoService/getCsmtcsUseRstrcInfoService"
ROWS: Final = 100
"""Of one page."""
HOME: Final = frozenset({"대한민국", "한국", "국내", "korea", "republicofkorea", "southkorea"})
"""COUNTRY_NAME of Korea, squeezed."""
BANNED: Final = "식약처 사용 금지"
LIMITED: Final = "식약처 사용 제한"
COLUMNS: Final = ("name", "inci", "cas", "definition", "aliases", "limits")
"""Of the file that is written: columns of `ingest load --ingredients`."""
_GOOD: Final = frozenset({"00", "0", "0000"})
_NO_DATA: Final = "03"
_OUT_OF_CALLS: Final = "22"
_KEY: Final = {
    "20": "이 서비스를 쓸 허락을 받지 않은 키예요",
    "30": "등록되지 않은 키예요",
    "31": "기한이 지난 키예요",
    "32": "이 컴퓨터의 IP가 등록되지 않았어요",
}
_MARKUP: Final = re.compile(r"<[^<>]{1,40}>")
_BLANKS: Final = re.compile(r"\s+")

Row = Mapping[str, str]


class OutOfCalls(InputRefused):
    """The day's calls are used up."""


class WrongKey(InputRefused):
    """The portal does not take this key."""


class Failed(NotFetched):
    """The service answered with an error of its own."""


@dataclass(frozen=True, slots=True)
class Gathered:
    rows: tuple[dict[str, str], ...]
    """What is written."""
    ingredients: tuple[Row, ...]
    restricted: tuple[Row, ...]
    told: tuple[int, int]
    """How many rows the two lists said that they have."""

    @property
    def csv(self) -> str:
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(self.rows)
        return file.getvalue()

    @property
    def summary(self) -> str:
        limited = sum(bool(row["limits"]) for row in self.rows)
        told = [
            f"성분 {len(self.rows):,}개를 적었어요. 국내 사용 제한이 있는 것은 {limited:,}개예요."
        ]
        for title, got, said in zip(
            ("성분", "사용제한"), (self.ingredients, self.restricted), self.told, strict=True
        ):
            if len(got) != said:
                told.append(
                    f"{title} 목록은 {said:,}줄이라는데 {len(got):,}줄이 왔어요. 그사이 바뀌었을 "
                    "수 있으니 --fresh로 다시 받아 보세요."
                )
        if self.restricted and not any(map(_is_home, self.restricted)):
            countries = sorted({row["COUNTRY_NAME"] for row in self.restricted})[:8]
            told.append(
                f"사용제한 목록에 우리나라가 없어요(있는 나라: {', '.join(countries)}). "
                "ingest/sources/mfds.py의 HOME을 고쳐 주세요."
            )
        return "\n".join(told)


async def gather(fetcher: Fetcher, key: str, base: str = BASE) -> Gathered:
    """Both lists, whole. `key`: the portal's, encoded or decoded.

    Raises OutOfCalls, WrongKey and NotFetched: what came is kept, and the next run goes on there.
    """
    plain = unquote(key) if "%" in key else key
    ingredients, first = await _list(fetcher, plain, f"{base}/{INGREDIENTS}", "성분")
    restricted, second = await _list(fetcher, plain, f"{base}/{RESTRICTED}", "사용제한")
    rows = tuple(joined(ingredients, restricted))
    return Gathered(rows, tuple(ingredients), tuple(restricted), (first, second))


async def _list(
    fetcher: Fetcher, key: str, service: str, title: str
) -> tuple[list[dict[str, str]], int]:
    """All rows, and how many the service says there are."""
    rows: list[dict[str, str]] = []
    page, total = 1, ROWS
    progress = Progress(title)
    try:
        while (page - 1) * ROWS < total:
            asked = {"pageNo": str(page), "numOfRows": str(ROWS), "type": "json"}
            url = str(URL(service).update_query(asked))
            answer = await fetcher.get(url, secret={"serviceKey": key}, api=True, check=_sound)
            items, total = _items(answer)
            rows += items
            progress.expect(-(-total // ROWS))
            progress.step(f"{len(rows):,}/{total:,}줄")
            page += 1
    finally:
        progress.close()
    return rows, total


# --- one answer -----------------------------------------------------------------------------------


def _sound(answer: Fetched) -> None:
    """Errors come with status 200 and otherwise, in JSON and in XML."""
    if answer.status in (401, 403):
        _raise("30", answer.url)
    if code := _code_in(answer):
        _raise(code, answer.url)
    if answer.status == 200:
        _items(answer)


def _code_in(answer: Fetched) -> str:
    """The error's code; empty where there is none."""
    if answer.body.lstrip().startswith(b"<"):
        return _xml_code(answer)
    try:
        code = str(_body(answer)["header"]["resultCode"]).strip()
    except (ValueError, KeyError, TypeError):
        return ""
    return "" if code in _GOOD or code == _NO_DATA else code


def _xml_code(answer: Fetched) -> str:
    try:
        root: Element = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError):
        return ""  # a page of some server between: its status says enough
    for name in ("returnReasonCode", "resultCode"):
        code = (root.findtext(f".//{name}") or "").strip()
        if code and code not in _GOOD:
            return code
    return ""


def _raise(code: str, url: str) -> None:
    """Its own messages may repeat the request: they are not passed on."""
    service = _title(url)
    if code == _OUT_OF_CALLS:
        raise OutOfCalls(
            "공공데이터포털의 하루 호출 한도를 다 썼어요(22). 내일 같은 명령을 다시 실행하면 "
            "이어서 해요."
        )
    if code in _KEY:
        raise WrongKey(
            f"{service}: {_KEY[code]}({code}). data.go.kr에서 화장품 원료성분정보와 화장품 "
            "사용제한 원료정보를 활용신청하고 그 인증키를 PPOYAMI_MFDS_KEY에 적어 주세요."
        )
    raise Failed(f"{service}: 식약처 서비스가 오류 {code}번으로 답했어요. 나중에 다시 해 주세요.")


def _title(url: str) -> str:
    is_restricted = url.partition("?")[0].endswith(RESTRICTED)
    return "화장품 사용제한 원료정보" if is_restricted else "화장품 원료성분정보"


def _items(answer: Fetched) -> tuple[list[dict[str, str]], int]:
    """Rows as text, and how many there are in all."""
    try:
        told = _body(answer)
        if str(told["header"]["resultCode"]).strip() == _NO_DATA:
            return [], 0
        body = told["body"]
        return [_texts(item) for item in _listed(body.get("items"))], int(body["totalCount"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failed(
            f"{_title(answer.url)}: header.resultCode와 body.totalCount, items가 있는 JSON을 "
            "기다렸는데 다른 것이 왔어요."
        ) from None


def _body(answer: Fetched) -> dict[str, Any]:
    told = json.loads(answer.body)
    if not isinstance(told, dict):
        raise TypeError("an object was expected")
    return dict(told.get("response", told))


def _listed(items: Any) -> list[Any]:
    """Portal services write `[…]`, `{"item": […]}` or, of one row, `{"item": {…}}`."""
    if isinstance(items, dict):
        items = items.get("item")
    if isinstance(items, dict):
        return [items]
    return [item.get("item", item) for item in items or []]


def _texts(item: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else _plain(str(value)) for name, value in item.items()}


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _MARKUP.sub(" ", text)).strip()


# --- our columns ----------------------------------------------------------------------------------


def joined(ingredients: Iterable[Row], restricted: Iterable[Row]) -> Iterable[dict[str, str]]:
    """Each ingredient once with Korea's limits; at the end what only the restrictions name."""
    rows: dict[str, dict[str, str]] = {}
    for item in ingredients:
        _add(rows, item, item.get("INGR_KOR_NAME", ""), item.get("ORIGIN_MAJOR_KOR_NAME", ""))
    limits: dict[str, list[str]] = {}
    for item in filter(_is_home, restricted):
        name = item.get("INGR_STD_NAME") or item.get("NOTICE_INGR_NAME", "")
        _add(rows, item, name, "")
        limits.setdefault(squeeze(name), []).append(_limit(item))
    for key, row in rows.items():
        row["limits"] = " · ".join(dict.fromkeys(limits.get(key, ())))
    return rows.values()


def _add(rows: dict[str, dict[str, str]], item: Row, name: str, definition: str) -> None:
    """Where the name is there already, only what it did not tell."""
    key = squeeze(name)
    if not key:
        return
    row = rows.setdefault(key, dict.fromkeys(COLUMNS, "") | {"name": name})
    row["inci"] = row["inci"] or item.get("INGR_ENG_NAME", "")
    row["cas"] = row["cas"] or item.get("CAS_NO", "")
    row["definition"] = row["definition"] or definition
    others = [*row["aliases"].split("|"), *ingredient_names(item.get("INGR_SYNONYM", ""))]
    row["aliases"] = "|".join(_named(others, row["name"]))


def _named(aliases: Sequence[str], name: str) -> list[str]:
    return [a for a in dict.fromkeys(x.replace("|", " ") for x in aliases) if a and a != name]


def _is_home(item: Row) -> bool:
    """Without a country the list is Korea's own."""
    country = item.get("COUNTRY_NAME", "")
    return not country or squeeze(country) in HOME


def _limit(item: Row) -> str:
    """«식약처 사용 제한: 0.5% 이하, 에어로졸 제품 제외», «식약처 사용 금지»."""
    heading = BANNED if "금지" in item.get("REGULATE_TYPE", "") else LIMITED
    told = (item.get("LIMIT_COND", ""), item.get("PROVIS_ATRCL", ""))
    rule = ", ".join(dict.fromkeys(part.rstrip(" .") for part in told if part))
    return f"{heading}: {rule}" if rule else heading
