from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.privacy import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("연락은 010-1234-5678로 주세요", "연락은 (전화번호)로 주세요"),
        ("01012345678", "(전화번호)"),
        ("010 1234 5678", "(전화번호)"),
        ("+82 10-1234-5678", "(전화번호)"),
        ("매장 02-123-4567 문의", "매장 (전화번호) 문의"),
        ("0505-123-4567", "(전화번호)"),
        ("메일 dear.me+1@mail.example.kr요", "메일 (이메일)요"),
        ("900101-1234567", "(주민등록번호)"),
        ("900101-1******", "(주민등록번호)"),
        ("971013 2019903", "(주민등록번호)"),
        ("전화02)123-4567", "전화(전화번호)"),
        ("080 123 4567", "(전화번호)"),
        ("+1 650-253-0000", "(전화번호)"),
        ("０１０－１２３４－５６７８", "(전화번호)"),
        ("카드 4111 1111 1111 1111", "카드 (카드번호)"),
        ("4111111111111111", "(카드번호)"),
        ("사업자 123-45-67890", "사업자 (사업자등록번호)"),
        ("서울시 강남구 테헤란로 152 건물", "(주소) 건물"),
        ("성남시 분당구 판교역로 166, 101동 1203호로 보내 주세요", "(주소)로 보내 주세요"),
        ("강남구 역삼동 123-4번지 살아요", "(주소) 살아요"),
        ("전북 완주군 봉동읍 둔산리 12-3", "(주소)"),
        ("부산 중구 중앙대로 120", "(주소)"),
        ("101동 1203호", "(주소)"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "19,000원에 샀어요",
        "2019.7.5에 산 토너",
        "180ml 두 병",
        "990101-9999999는 아무 번호도 아니에요",
        "991301-1234567에는 13월이 있어요",
        "1,2-헥산다이올",
        "@이나 골뱅이",
        "2023.05.24에 사서 2023-06-01 14:30에 받았어요",
        "7732-18-5, 110615-47-2, 56-81-5",
        "SPF50+ PA++++ 50ml 19,000원 1+1 4.5/5",
        "19000~25000원",
        "바코드 8801234567893, 9001011234567",
        "카드가 아닌 4111-1111-1111-1112",
        "2019 2020 2021 2022년",
        "아이디 u_028902608e, u_0112557133",
        "21호와 23호, 2동",
        "친구가 바로 3번 말했어요",
        "역시 위로 2번 발라요",
        "대구 동성로 3번 출구",
        "수원시 인계로 30분 거리",
        "서울 중구 명동 3호점",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@settings(deadline=None)
@given(st.text(alphabet="0123456789-+ .@a가", max_size=40))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


SEED = Path(__file__).parents[2] / "data" / "seed"
GIVEN = {"injections.jsonl"}
"""Made to hold numbers that must not be said."""


def test_nothing_in_the_seed_is_taken_for_personal_data() -> None:
    files = [file for file in sorted(SEED.glob("*.*")) if file.suffix in {".csv", ".jsonl"}]
    lines = {
        line
        for file in files
        if file.name not in GIVEN
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    assert len(lines) > 10_000
    assert [line for line in lines if mask(line) != line] == []


@settings(deadline=None)
@given(
    st.sampled_from(
        ["{:,}원", "{}ml", "{}.5점", "{}개월 전", "{}번 샀어요", "{}% 할인", "{}호", "{}-18-5"]
    ),
    st.integers(0, 9_999_999),
)
def test_prices_volumes_and_counts_stay(form: str, number: int) -> None:
    text = f"여름에 {form.format(number)} 좋아요"
    assert mask(text) == text


@settings(deadline=None)
@given(
    st.sampled_from(["010-{}-{}", "010 {} {}", "010{}{}", "+82 10-{}-{}", "0507-{}-{}"]),
    st.integers(1000, 9999),
    st.integers(0, 9999),
)
def test_every_mobile_number_goes(form: str, first: int, last: int) -> None:
    number = form.format(first, f"{last:04}")
    assert mask(f"연락은 {number}로 주세요") == "연락은 (전화번호)로 주세요"
