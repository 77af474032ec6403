"""Knowledge-iN against a local site in the forms of the search API and of its pages."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import naver_kin
from ingest.sources.fetching import Fetched, Fetcher, Manners
from ingest.sources.naver_kin import Harvest, Key, Left, WrongKey
from tests.public_sources import (
    NAVER_ID,
    NAVER_SECRET,
    PAGE,
    SEARCH,
    knowledge,
    naver_wrong,
    old_question,
    question,
    twice,
)
from tests.site import Answer, Site, site
from training import sources as training

KEY = Key(NAVER_ID, NAVER_SECRET)
ASKED = "수부지 토너 골라 주세요"


async def gathered(
    own: Site, cache: Path, queries: tuple[str, ...] = ("지성 추천",), key: Key = KEY
) -> Harvest:
    manners = Manners("data@shop.example", delay=0.0, retries=2, allow_local=True)

    async def sleep(seconds: float) -> None: ...

    async with Fetcher(cache, manners, sleep=sleep) as fetcher:
        return await naver_kin.gather(fetcher, key, queries, own.address + SEARCH)


def page(content: str) -> Fetched:
    return Fetched("https://kin.example/1", 200, "text/html; charset=utf-8", content.encode())


async def test_a_question_with_an_accepted_and_another_answer_is_a_row_of_training(
    tmp_path: Path,
) -> None:
    body = "<p>겉은 번들, 속은 당겨요.</p><p>향은 <b>싫</b>어요.<br>예산 2만원</p>"
    answers = ("두 번째로 쓴 답", "<p>가벼운 <span>수분</span> 토너부터요.</p>", "세 번째")
    async with site() as own:
        knowledge(own, {"1": question(ASKED, body, answers, accepted=1)})
        harvest = await gathered(own, tmp_path)
    assert harvest.rows == [
        {
            "question": f"{ASKED}\n겉은 번들, 속은 당겨요.\n향은 싫어요.\n예산 2만원",
            "accepted": "가벼운 수분 토너부터요.",
            "others": ["두 번째로 쓴 답", "세 번째"],
        }
    ]
    file = tmp_path / "kin.jsonl"
    file.write_text(harvest.jsonl, encoding="utf-8")
    (sample,) = training.kin(file)
    assert sample.answer == "가벼운 수분 토너부터요."
    assert [worse.text for worse in sample.worse] == ["두 번째로 쓴 답", "세 번째"]


def test_an_older_page_is_read_too() -> None:
    found = naver_kin.read(page(old_question(ASKED, "속건조예요", ("하나", "둘"), accepted=1)))
    assert found == naver_kin.Asked(f"{ASKED}\n속건조예요", "둘", ("하나",))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (question(ASKED, "", ("하나", "둘"), accepted=None), Left.UNACCEPTED),
        (question(ASKED, "", ("하나",)), Left.SINGLE),
        (question(ASKED, "", ("하나", "<img src=a.png>")), Left.SINGLE),
        (question(ASKED, "", ()), Left.UNREAD),
        ("<h1>새 모양</h1><article>답</article>", Left.UNREAD),
        ("", Left.UNREAD),
    ],
)
def test_other_pages_are_left(content: str, why: Left) -> None:
    assert naver_kin.read(page(content)) is why


def test_an_answer_that_speaks_of_accepting_is_not_accepted_for_it() -> None:
    answers = ("질문자가 채택한 답변만 믿지 마세요. 채택 부탁드려요", "진짜")
    found = naver_kin.read(page(question(ASKED, "", answers, accepted=1)))
    assert isinstance(found, naver_kin.Asked)
    assert found.accepted == "진짜"


async def test_personal_data_is_masked(tmp_path: Path) -> None:
    answers = ("메일 a.b@shop.example 로 주세요", "문의 010-1234-5678")
    async with site() as own:
        knowledge(own, {"1": question(ASKED, "제 번호는 010-9876-5432예요", answers)})
        (row,) = (await gathered(own, tmp_path)).rows
    assert row == {
        "question": f"{ASKED}\n제 번호는 (전화번호)예요",
        "accepted": "메일 (이메일) 로 주세요",
        "others": ["문의 (전화번호)"],
    }


async def test_a_question_that_two_queries_find_is_asked_once(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": question(ASKED, "", ("하나", "둘"))})
        harvest = await gathered(own, tmp_path, ("지성 추천", "건성 추천"))
        assert [request.query for request in own.asked if request.path == PAGE] == [
            {"d1id": "8", "dirId": "80301", "docId": "1"}
        ]
    assert len(harvest.rows) == 1


async def test_the_search_is_paged_as_far_as_the_api_goes(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {}, per_query=[str(n) for n in range(1234)])
        own.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /")
        harvest = await gathered(own, tmp_path)
        starts = [int(r.query["start"]) for r in own.asked if r.path == SEARCH]
    assert starts == list(range(1, 1001, 100))
    assert harvest.found == 1000


async def test_pages_that_robots_txt_forbids_are_counted_and_not_asked(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": question(ASKED, "", ("하나", "둘")), "2": ""})
        own.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /qna/")
        harvest = await gathered(own, tmp_path)
        assert PAGE not in own.paths
    assert harvest.left[Left.DISALLOWED] == 2
    assert "robots.txt가 막은 쪽: 2" in harvest.summary
    assert harvest.summary.count("모으지 말라고") == 1


async def test_a_wrong_key_is_told_at_once(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": ""})
        with pytest.raises(WrongKey, match="024") as caught:
            await gathered(own, tmp_path, key=Key("nobody", "not-the-secret"))
        assert own.paths == [SEARCH]
    assert "not-the-secret" not in f"{caught.value!r} {Key('nobody', 'not-the-secret')!r}"


async def test_when_the_days_calls_are_used_up_what_was_got_is_kept(tmp_path: Path) -> None:
    def searched(request: Any) -> Answer:
        return naver_wrong("010", 429) if request.query["query"] == "건성 추천" else first(request)

    async with site() as own:
        knowledge(own, {"1": question(ASKED, "", ("하나", "둘"))})
        first: Any = own.pages[SEARCH]
        own.pages[SEARCH] = searched
        harvest = await gathered(own, tmp_path, ("지성 추천", "건성 추천", "복합성 추천"))
        assert own.paths.count(SEARCH) == 2
    assert len(harvest.rows) == 1
    assert "010" in harvest.stopped


async def test_too_fast_is_asked_again(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": question(ASKED, "", ("하나", "둘"))})
        own.troubles[SEARCH] = [naver_wrong("012", 429), naver_wrong("SE99", 500)]
        harvest = await gathered(own, tmp_path)
        assert own.paths.count(SEARCH) == 3
    assert (len(harvest.rows), harvest.stopped) == (1, "")


async def test_an_answer_that_is_no_search_result_is_told_and_not_kept(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": question(ASKED, "", ("하나", "둘"))})
        own.troubles[SEARCH] = [Answer("<html>점검 중</html>")]
        assert "items" in (await gathered(own, tmp_path)).stopped
        assert len((await gathered(own, tmp_path)).rows) == 1


async def test_a_site_that_stops_answering_is_left_in_peace(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {str(n): "" for n in range(20)})
        own.pages[PAGE] = Answer(status=403)
        harvest = await gathered(own, tmp_path)
        assert own.paths.count(PAGE) == naver_kin.FAILURES_AT_MOST
    assert "403" in harvest.stopped


async def test_deleted_questions_do_not_stop_it(tmp_path: Path) -> None:
    async with site() as own:
        gone = {str(n): "" for n in range(9)}
        knowledge(own, gone | {"last": question(ASKED, "", ("하나", "둘"))})
        harvest = await gathered(own, tmp_path)
        assert (harvest.left[Left.GONE], len(harvest.rows), harvest.stopped) == (9, 1, "")
        await gathered(own, tmp_path)
        assert not twice(own)


async def test_where_no_page_can_be_read_the_run_says_what_to_mend(tmp_path: Path) -> None:
    async with site() as own:
        knowledge(own, {"1": "<h1>새 모양</h1>"})
        harvest = await gathered(own, tmp_path)
    assert "SELECTORS" in harvest.summary
    assert json.loads(harvest.jsonl or "[]") == []
