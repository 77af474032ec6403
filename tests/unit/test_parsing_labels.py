"""Text read off a label → the names it holds, with every slip a reader of pictures makes."""

import pytest

from engine.parsing.labels import LETTERS_AT_MOST, LabelNames, label_names, listed_part
from engine.store.lexicon import Entry, Lexicon

NAMES = (
    "정제수", "글리세린", "부틸렌글라이콜", "1,2-헥산다이올", "소듐벤조에이트", "포타슘솔베이트",
    "카프릴릭/카프릭트라이글리세라이드", "향료", "피이지-40하이드로제네이티드캐스터오일",
    "피이지-60하이드로제네이티드캐스터오일", "판테놀", "글리세레스-20",
)  # fmt: skip
LEXICON = Lexicon(
    [
        Entry(id, name, inci="Panthenol" if name == "판테놀" else None)
        for id, name in enumerate(NAMES, start=1)
    ]
)


def read(text: str) -> list[str]:
    return [NAMES[id - 1] for id in label_names(text, LEXICON.misread).known]


def unknown(text: str) -> tuple[str, ...]:
    return label_names(text, LEXICON.misread).unknown


@pytest.mark.parametrize(
    "heading", ["전성분:", "[전성분]", "전 성 분 ", "전성본;", "진성분.", "성분:"]
)
def test_the_list_begins_after_its_heading_and_ends_where_the_label_goes_on(heading: str):
    above, below = "수분 크림 50ml\n사용법: 향료를 피해", "사용할 때의 주의사항: 판테놀"
    text = f"{above}\n{heading} 정제수, 글리세린\n{below}"
    assert read(text) == ["정제수", "글리세린"]


def test_without_a_heading_names_are_found_anywhere_and_nothing_is_called_unknown():
    text = "내용량 50ml 적당량을 바르세요.\n정제수, 글리세린, 모르는추출물\n제조번호: 별도 표기"
    assert listed_part(text) is None
    assert read(text) == ["정제수", "글리세린"]
    assert unknown(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "정제수. 글리세린; 판테놀",
        "정제수 글리세린  판테놀",
        "정제수, 글리\n세린, 판\n\n테놀",
        "정제수, 글 리 세 린, 판테놀",
        "정제수,글리세린,,판테놀,",
        "정제수 | 글리세란, 판테늘",
    ],
)
def test_lost_and_mistaken_separators_broken_names_and_slips_are_mended(text: str):
    assert read(f"전성분: {text}") == ["정제수", "글리세린", "판테놀"]


@pytest.mark.parametrize(
    "slip", ["1,2-헥산다이올", "1, 2-핵산다이을", "1.2-헥산다이올", "1 2-헤산다이올"]
)
def test_the_numbers_of_a_name_survive_what_happens_to_their_comma(slip: str):
    assert read(f"전성분: 정제수, {slip}, 향료") == ["정제수", "1,2-헥산다이올", "향료"]


def test_a_number_behind_one_name_does_not_run_into_the_next():
    assert read("전성분: 글리세레스-20, 1,2-헥산다이올") == ["글리세레스-20", "1,2-헥산다이올"]


def test_slips_in_long_names():
    text = "전성분: 카프릴릭/카프릭트라이글리세 라이드, 소등벤조에이트, 포타슘슬베이트"
    wanted = ["카프릴릭/카프릭트라이글리세라이드", "소듐벤조에이트", "포타슘솔베이트"]
    assert read(text) == wanted


def test_what_could_be_two_names_is_neither():
    assert read("전성분: 피이지-50하이드로제네이티드캐스터오일") == []
    assert read("전성분: 피이지-40하이드로제네이티드캐스터오일") == [NAMES[8]]


def test_a_short_name_is_not_guessed():
    assert read("전성분: 향로, 정제수") == ["정제수"]
    assert unknown("전성분: 향로, 정제수") == ()


def test_names_that_nobody_knows_are_told_without_their_neighbours():
    text = "전성분: 정제수, 달나라이끼 추출물, 글리세린, 화성모래가루"
    assert read(text) == ["정제수", "글리세린"]
    assert unknown(text) == ("달나라이끼 추출물", "화성모래가루")


def test_latin_names_are_found_too():
    assert read("Ingredients: Water, Panthenol") == ["판테놀"]


def test_each_name_comes_once():
    assert read("전성분: 정제수, 글리세린, 정제수") == ["정제수", "글리세린"]


def test_a_wall_of_letters_ends():
    assert read("전성분: " + "가나다 " * LETTERS_AT_MOST) == []
    assert label_names("", LEXICON.misread) == LabelNames((), ())
