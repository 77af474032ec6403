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
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@settings(deadline=None)
@given(st.text(alphabet="0123456789-+ .@a가", max_size=40))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)
