"""A question as it is looked for."""

import pytest

from engine.retrieval.names import Names
from engine.retrieval.wording import wording


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("건조한데 여드름이나 홍조는 없어요", "건조한데"),
        ("각질이 일어나요. 홍조 같은 건 없어요", "각질이 일어나요."),
        ("오일은 싫고 크림으로요", "크림으로요"),
        ("크림 3만원 아래로", "크림"),
        ("이슬 크림 없어요?", "이슬 크림 없어요?"),
        ("여드름 안 나는 크림", "여드름 안 나는 크림"),
        ("ㅁㅅㅌ 뭐가 좋아요", "미스트 뭐가 좋아요"),
        ("바쿠치욜 세럼", "바쿠치올 세럼"),
    ],
)
def test_what_is_denied_or_costs_is_not_looked_for(question, said):
    assert " ".join(wording(question).said.split()) == said


def test_words_that_every_question_has_are_left_out_unless_nothing_else_is_there():
    assert wording("순한 토너 추천해 주세요").plain == "순한 토너"
    assert wording("추천해 주세요").plain == "추천해 주세요"


def test_what_people_call_otherwise_is_looked_for_as_the_catalogue_calls_it():
    assert "모공" in wording("블랙헤드 어떡해요").words
    assert wording("블랙헤드 어떡해요").plain == "블랙헤드 어떡해요"
    assert "환불" in wording("이거 반품하고 싶어요").words


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("배달비 있나", "배송비"),
        ("내 물건 지금 어디야", "송장"),
        ("돈 돌려받고 싶은데", "환불"),
        ("뚜껑이 부서져서 왔음", "깨지거나"),
        ("방금 주문한거 안할래", "취소"),
        ("상담사 연결", "고객센터"),
        ("진짜 제품이야?", "정품"),
        ("날짜 넉넉한거 오나", "유통기한"),
        ("마일리지", "적립금"),
        ("할인권 쓰는법", "쿠폰"),
        ("재고 언제 들어와", "품절된"),
        ("향 없는 크림", "무향"),
    ],
)
def test_the_shop_is_asked_in_everyday_words(question, meant):
    assert meant in wording(question).words


NAMES = Names.of(
    [
        ("병풀 카밍 토너", 0),
        ("병풀 카밍 크림", 1),
        ("비파 세럼", 2),
        ("보풀 크림", 3),
        ("보풀 밤", 4),
    ]
)


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("ㅂㅍ 토너 어때요?", [0]),
        ("ㅂㅍ ㅋㅁ ㅌㄴ", [0]),
        ("ㅂㅍㅅㄹ 얼마예요", [2]),
        ("ㅂㅍ", []),
        ("ㅋㅋㅋ 토너", []),
        ("ㅂ 토너", []),
    ],
)
def test_initials_name_what_the_other_words_leave(question, documents):
    assert [place for one in NAMES.find(question) for place in one.documents] == documents
