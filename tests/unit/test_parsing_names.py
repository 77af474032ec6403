import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.korean import squeeze
from engine.parsing.names import price, product_key, product_name, volume, volume_and_price

PIECES = [
    *("크림", "토너 ", "수분", " 앰플", "5 in 1 ", "365", "+", " + ", "/", "-", "®", " "),
    *("[1+1]", "[NEW/리뷰이벤트] ", "[모공 케어]", "[SPF50+/PA+++]", "[", "]", "(", ")"),
    *("80ml", " 50g", "10매", "3EA", "30개입", "x", "*2", " 기획", "기획세트", " 본품", "리필"),
    *("(+30ml)", "(30ml 증정)", " 세트", "2종", " 단독", "1+1", "택1", "한정", "ㄱ", "가", "ﷺ"),
]
messy_names = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES)).map("".join))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (
            "[NEW/리뷰이벤트] 에스트라 아토베리어365 크림 80ml 기획 (+30ml)",
            "에스트라 아토베리어365 크림",
        ),
        ("[1+1] 하늘결 토너 200ml", "하늘결 토너"),
        ("하늘결 토너 200ml 1+1", "하늘결 토너"),
        ("하늘결 토너 300ml 더블 기획 (300ml+300ml)", "하늘결 토너"),
        ("하늘결 토너 200ml 기획 + 미스트 30ml 증정", "하늘결 토너"),
        ("하늘결 선크림 50ml 기획(+증정 20ml)", "하늘결 선크림"),
        ("하늘결 크림 1.7oz (대용량)", "하늘결 크림"),
        ("하늘결 쿠션 15g+리필 15g 기획세트", "하늘결 쿠션"),
        ("하늘결 쿠션 본품+리필", "하늘결 쿠션"),
        ("하늘결 마스크 25ml 10매", "하늘결 마스크"),
        ("하늘결 패드 70매입", "하늘결 패드"),
        ("하늘결 앰플 1.5ml x 30개입", "하늘결 앰플"),
        ("하늘결 미스트 300ml*2EA", "하늘결 미스트"),
        ("하늘결 밤 50g", "하늘결 밤"),
        ("하늘결 토너120mL", "하늘결 토너"),
        ("[단종] (봄 에디션) 하늘결 토너", "하늘결 토너"),
    ],
)
def test_promotions_and_sizes_leave_the_name(raw: str, name: str) -> None:
    assert product_name(raw) == name


@pytest.mark.parametrize(
    "name",
    [
        "하늘결 크림",
        "하늘결 올인원 4 젠틀맨",
        "하늘결 36.5 크림",
        "하늘결 알로에 100% 수딩젤",
        "하늘결 3-IN-1 클렌저",
        "하늘결 아이크림 2.0",
        "하늘결 72H 수분 젤",
        "하늘결 리필형 쿠션",
        "하늘결 스타일 2종 세트",
        "하늘결 시트마스크 [모공 케어]",
        "하늘결 선크림 [SPF50+/PA+++]",
        "하늘결 크림 (보통 피부용)",
        "하늘결 레스큐+ 로션",
        "하늘결 G9 플루이드",
    ],
)
def test_what_belongs_to_a_name_survives(name: str) -> None:
    assert product_name(name) == name


@pytest.mark.parametrize("raw", ["80ml", "[기획]", "1+1", "(+30ml)", "기획 세트", "[80ml]"])
def test_a_name_of_nothing_else_is_not_emptied(raw: str) -> None:
    assert squeeze(product_name(raw))


def test_a_tag_that_is_the_brand_is_kept_as_words() -> None:
    assert product_name("[하늘결] 그린 토너 80ml", brand="하늘결") == "하늘결 그린 토너"
    assert product_name("[하늘결] 그린 토너 80ml") == "그린 토너"


def test_a_brand_said_twice_is_said_once() -> None:
    assert product_name("하늘결 하늘결 토너", brand="하늘결") == "하늘결 토너"


@settings(deadline=None)
@given(messy_names)
def test_cleaning_a_name_twice_changes_nothing(raw: str) -> None:
    assert product_name(product_name(raw)) == product_name(raw)


@settings(deadline=None)
@given(messy_names)
def test_no_name_is_emptied(raw: str) -> None:
    assert bool(product_name(raw)) == bool(raw.strip())
    assert bool(squeeze(product_name(raw))) == bool(squeeze(raw))


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("80ml", "80ml"),
        ("80 mL", "80mL"),
        ("크림 80ml 기획 (+30ml)", "80ml"),
        ("18ml * 4매", "18ml*4매"),
        ("50ml + 30ml", "50ml+30ml"),
        ("크림", None),
        (None, None),
    ],
)
def test_a_volume_is_the_first_size(raw: object, amount: str | None) -> None:
    assert volume(raw) == amount


@pytest.mark.parametrize(
    ("raw", "won"),
    [
        ("19,000원", 19000),
        ("₩19,000", 19000),
        ("19000", 19000),
        (19000.0, 19000),
        ("19000.0", 19000),
        ("0원", 0),
        (float("nan"), None),
        (-5, None),
        (None, None),
        ("문의", None),
        ("19,000원~25,000원", None),
    ],
)
def test_a_price_is_whole_won_or_nothing(raw: object, won: int | None) -> None:
    assert price(raw) == won


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("180ml19,000원", ("180ml", 19000)),
        ("75ml 4,900원", ("75ml", 4900)),
        ("23g190원", ("23g", 190)),
        ("-13,000원", (None, 13000)),
        ("3x100g58,000원", ("3x100g", 58000)),
        ("18ml*4매12,000원", ("18ml*4매", 12000)),
        ("50ml*234,900원", ("50ml*2", 34900)),
        ("6ml*30250,000원", ("6ml*30", 250000)),
        ("10ml*109,000원", ("10ml*10", 9000)),
        ("120.5g0원", ("120.5g", 0)),
        ("80ml", ("80ml", None)),
        ("", (None, None)),
    ],
)
def test_a_glued_volume_and_price_come_apart(raw: str, parts: tuple[object, object]) -> None:
    assert volume_and_price(raw) == parts


@pytest.mark.parametrize(
    ("name", "brand"),
    [
        ("[1+1] 새벽숲 이슬 크림 80ml", "새벽숲"),
        ("이슬 크림 기획", "새벽숲"),
        ("새벽숲 새벽숲 이슬크림", "새벽 숲"),
        ("새벽숲 이슬 크림 (80ml)", ""),
    ],
)
def test_writings_of_one_name_have_one_key(name: str, brand: str) -> None:
    assert product_key(name, brand) == "새벽숲이슬크림"


def test_a_key_says_something_or_is_empty() -> None:
    assert product_key("새벽숲", "새벽숲") != product_key("이슬 크림", "새벽숲") != ""
    assert product_key("!!", "새벽숲") == ""
