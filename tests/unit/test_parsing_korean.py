import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.korean import (
    has_final,
    initials,
    letters_of,
    particle,
    squeeze,
    with_particle,
)


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("토너", "토너는"),
        ("크림", "크림은"),
        ("크림(무향)", "크림(무향)은"),
        ("토너 [리뉴얼]", "토너 [리뉴얼]는"),
        ("(무향)", "(무향)은"),
        ("«앰플»", "«앰플»은"),
        ("1,2-헥산다이올", "1,2-헥산다이올은"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, spoken: str) -> None:
    assert with_particle(word, "은/는") == spoken


@pytest.mark.parametrize(
    ("word", "closed"),
    [
        ("3", True),  # 삼
        ("5", False),  # 오
        ("10", True),  # 십
        ("1,000", True),  # 천
        ("2.0", True),  # 영
        ("36.5", False),  # 오
        ("1000000000000", False),  # 조
        ("폴리솔베이트-20", True),
        ("B5", False),
        ("5%", False),  # 퍼센트
        ("SPF50+", False),  # 플러스
        ("80ml", False),  # 밀리리터
        ("80g", True),  # 그램
    ],
)
def test_numbers_and_signs_are_read_aloud(word: str, closed: bool) -> None:
    assert has_final(word) is closed


@pytest.mark.parametrize(
    ("word", "closed"),
    [
        ("CNP", False),  # 씨엔피
        ("SM", True),  # 에스엠
        ("비타민C", False),
        ("VDL", True),  # 브이디엘
        ("gel", True),
        ("line", True),
        ("Lancôme", True),
        ("cup", True),
        ("pack", True),
        ("mist", False),
        ("toner", False),
        ("Clinique", False),
    ],
)
def test_latin_words_go_by_their_sound(word: str, closed: bool) -> None:
    assert has_final(word) is closed


@pytest.mark.parametrize(
    ("word", "spoken"),
    [("물", "물로"), ("크림", "크림으로"), ("토너", "토너로"), ("7", "7로"), ("gel", "gel로")],
)
def test_a_final_rieul_takes_the_short_form_of_ro(word: str, spoken: str) -> None:
    assert with_particle(word, "으로/로") == spoken


def test_what_cannot_be_read_gets_both_forms() -> None:
    assert has_final("★") is None
    assert has_final("") is None
    assert particle("★", "은/는") == "은(는)"
    assert particle("★", "으로/로") == "(으)로"


def test_the_copula_and_the_other_pairs() -> None:
    assert with_particle("크림", "이에요/예요") == "크림이에요"
    assert with_particle("토너", "이에요/예요") == "토너예요"
    assert with_particle("토너", "과/와") == "토너와"
    assert with_particle("크림", "을/를") == "크림을"
    assert with_particle("에센스", "이/가") == "에센스가"


def test_a_search_key_forgets_case_width_blanks_and_signs() -> None:
    assert squeeze("  CICA 크림-２ (80ml)") == "cica크림280ml"
    assert squeeze("한글") == "한글"


def test_a_slip_of_a_vowel_is_one_letter_of_three() -> None:
    slip, name = letters_of("밤"), letters_of("봄")
    assert (len(slip), len(name)) == (3, 3)
    assert sum(one != other for one, other in zip(slip, name, strict=True)) == 1


def test_initials_of_a_name_and_of_typed_initials_are_equal() -> None:
    assert initials("그린 토너") == "ㄱㄹㅌㄴ"
    assert initials("ㄱㄹ ㅌㄴ") == "ㄱㄹㅌㄴ"
    assert initials("까만 B5 쌀") == "ㄲㅁb5ㅆ"


@settings(deadline=None)
@given(st.text())
def test_squeezing_twice_changes_nothing(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)


@settings(deadline=None)
@given(st.text())
def test_every_word_gets_a_particle(word: str) -> None:
    assert particle(word, "이/가") in {"이", "가", "이(가)"}
