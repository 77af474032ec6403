"""The food and drug ministry's services against a local site in the portal's forms."""

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ingest.sources import files, mfds
from ingest.sources.fetching import Fetcher, Manners, NotFetched
from ingest.sources.mfds import Gathered, OutOfCalls, WrongKey
from tests.public_sources import (
    CPNT,
    PORTAL,
    PORTAL_KEY,
    RSTRC,
    gateway_wrong,
    ingredient,
    portal,
    restriction,
    twice,
)
from tests.site import Answer, Site, site

PHENOXY = ingredient(
    "페녹시에탄올",
    INGR_ENG_NAME="Phenoxyethanol",
    CAS_NO="122-99-6",
    ORIGIN_MAJOR_KOR_NAME="이 원료는\n페놀과 만든 <b>에터</b>예요.",
    INGR_SYNONYM="펜옥시에탄올, 2-Phenoxyethanol",
)


async def gathered(own: Site, cache: Path, key: str = PORTAL_KEY) -> Gathered:
    manners = Manners("data@shop.example", delay=0.0, retries=1, allow_local=True)

    async def sleep(seconds: float) -> None: ...

    async with Fetcher(cache, manners, sleep=sleep) as fetcher:
        return await mfds.gather(fetcher, key, own.address + PORTAL)


def rows_of(gathered: Gathered) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in csv.DictReader(io.StringIO(gathered.csv))}


async def test_an_ingredient_and_its_limits_are_a_row_that_load_reads(tmp_path: Path) -> None:
    limits = [
        restriction("페녹시에탄올", "EU", LIMIT_COND="1.0% in ready for use preparation"),
        restriction("페녹시에탄올", "대한민국", LIMIT_COND="1.0%", PROVIS_ATRCL="점막 제품 제외."),
    ]
    async with site() as own:
        portal(own, [PHENOXY], limits)
        found = await gathered(own, tmp_path / "cache")
    assert rows_of(found) == {
        "페녹시에탄올": {
            "name": "페녹시에탄올",
            "inci": "Phenoxyethanol",
            "cas": "122-99-6",
            "definition": "이 원료는 페놀과 만든 에터 예요.",
            "aliases": "펜옥시에탄올|2-Phenoxyethanol",
            "limits": "식약처 사용 제한: 1.0%, 점막 제품 제외",
        }
    }
    file = tmp_path / "ingredients.csv"
    file.write_text(found.csv, encoding="utf-8", newline="")
    assert files.read(file).headings == mfds.COLUMNS


async def test_what_is_banned_stands_there_though_no_list_of_ingredients_names_it(
    tmp_path: Path,
) -> None:
    banned = restriction("납", "한국", REGULATE_TYPE="금지", CAS_NO="7439-92-1")
    async with site() as own:
        portal(own, [PHENOXY], [banned, restriction("설탕", "중국", LIMIT_COND="5%")])
        rows = rows_of(await gathered(own, tmp_path))
    assert list(rows) == ["페녹시에탄올", "납"]
    assert (rows["납"]["limits"], rows["납"]["cas"]) == ("식약처 사용 금지", "7439-92-1")
    assert rows["페녹시에탄올"]["limits"] == ""


async def test_a_synonym_with_a_comma_in_it_stays_one(tmp_path: Path) -> None:
    async with site() as own:
        portal(own, [ingredient("헥산다이올", INGR_SYNONYM="1,2-헥산디올; 헥실렌")], [])
        rows = rows_of(await gathered(own, tmp_path))
    assert rows["헥산다이올"]["aliases"] == "1,2-헥산디올|헥실렌"


async def test_an_ingredient_that_comes_twice_is_one_row(tmp_path: Path) -> None:
    again = ingredient("페녹시 에탄올", INGR_ENG_NAME="Other", INGR_SYNONYM="로즈에터")
    async with site() as own:
        portal(own, [PHENOXY, again], [])
        (row,) = rows_of(await gathered(own, tmp_path)).values()
    assert row["inci"] == "Phenoxyethanol"
    assert row["aliases"].endswith("|로즈에터")


async def test_all_pages_are_fetched_and_none_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [ingredient(f"성분{n:04}") for n in range(201)]
    async with site() as own:
        portal(own, many, [restriction(f"성분{n:04}", "대한민국") for n in range(100)])
        found = await gathered(own, tmp_path)
        asked = [(request.path, request.query["pageNo"]) for request in own.asked]
        assert asked == [(CPNT, "1"), (CPNT, "2"), (CPNT, "3"), (RSTRC, "1")]
        await gathered(own, tmp_path)
        assert not twice(own)
    assert len(found.rows) == 201
    assert "성분 3/3: 201/201줄" in capsys.readouterr().err
    assert "성분 201개" in found.summary
    assert "100개" in found.summary


async def test_the_key_works_as_the_portal_shows_it_in_both_ways(tmp_path: Path) -> None:
    async with site() as own:
        portal(own, [PHENOXY], [])
        await gathered(own, tmp_path / "1", PORTAL_KEY)
        await gathered(own, tmp_path / "2", quote(PORTAL_KEY, safe=""))
        assert {request.query["serviceKey"] for request in own.asked} == {PORTAL_KEY}


@pytest.mark.parametrize(
    "items",
    [
        {"item": [{"INGR_KOR_NAME": "토너수"}]},
        {"item": {"INGR_KOR_NAME": "토너수"}},
        [{"item": {"INGR_KOR_NAME": "토너수"}}],
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_portals_other_forms_of_a_list_are_read(
    tmp_path: Path, items: Any, wrapped: bool
) -> None:
    told = {"header": {"resultCode": "00"}, "body": {"totalCount": "1", "items": items}}
    async with site() as own:
        portal(own, [], [])
        own.pages[CPNT] = Answer.json({"response": told} if wrapped else told)
        assert list(rows_of(await gathered(own, tmp_path))) == ["토너수"]


async def test_no_data_is_an_empty_list(tmp_path: Path) -> None:
    async with site() as own:
        portal(own, [PHENOXY], [])
        own.pages[RSTRC] = Answer.json({"header": {"resultCode": "03", "resultMsg": "NODATA"}})
        assert len((await gathered(own, tmp_path)).rows) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (gateway_wrong("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"), OutOfCalls),
        (gateway_wrong("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"), WrongKey),
        (gateway_wrong("31", "DEADLINE_HAS_EXPIRED_ERROR"), WrongKey),
        (Answer.json({"header": {"resultCode": "22", "resultMsg": "LIMITED"}}), OutOfCalls),
        (Answer("Unauthorized", 401, "text/plain"), WrongKey),
        (Answer("Forbidden", 403, "text/plain"), WrongKey),
        (gateway_wrong("99", "UNKNOWN_ERROR"), NotFetched),
        (Answer("Unexpected errors", 500, "text/plain"), NotFetched),
        (Answer("<html>점검</html>"), NotFetched),
        (Answer('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', kind="text/xml"), NotFetched),
        (Answer("[]", kind="application/json"), NotFetched),
        (Answer.json({"header": {"resultCode": "00"}, "body": {}}), NotFetched),
    ],
)
async def test_an_error_is_a_sentence_and_the_next_run_goes_on(
    tmp_path: Path, answer: Answer, error: type[Exception]
) -> None:
    many = [ingredient(f"성분{n:04}") for n in range(150)]
    async with site() as own:
        portal(own, many, [])
        good: Any = own.pages[CPNT]
        wrong = True

        def second_page(request: Any) -> Answer:
            return answer if wrong and request.query["pageNo"] == "2" else good(request)

        own.pages[CPNT] = second_page
        with pytest.raises(error) as caught:
            await gathered(own, tmp_path)
        wrong = False
        found = await gathered(own, tmp_path)
        firsts = [r for r in own.asked if r.path == CPNT and r.query["pageNo"] == "1"]
    assert str(caught.value).endswith(".")
    assert "Portal" not in str(caught.value)
    assert len(found.rows) == 150
    assert len(firsts) == 1


async def test_a_list_that_grew_shorter_on_the_way_is_told(tmp_path: Path) -> None:
    async with site() as own:
        portal(own, [], [])
        body = {"totalCount": 7, "items": [ingredient("하나")]}
        own.pages[CPNT] = Answer.json({"header": {"resultCode": "00"}, "body": body})
        assert "--fresh" in (await gathered(own, tmp_path)).summary


async def test_restrictions_without_this_country_are_told(tmp_path: Path) -> None:
    async with site() as own:
        portal(own, [PHENOXY], [restriction("페녹시에탄올", "KR-2", LIMIT_COND="1%")])
        summary = (await gathered(own, tmp_path)).summary
    assert "KR-2" in summary
    assert "HOME" in summary
