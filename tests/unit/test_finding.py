"""The finder: what is typed on a phone, and which products come up in which order."""

import pytest

from engine.domain import Effect, Product, SkinType
from engine.parsing.reading import read_aloud
from engine.parsing.strokes import patterns, sound, strokes
from engine.retrieval.finding import Finder
from engine.retrieval.spellings import brand_spellings
from engine.retrieval.wishes import Wish, Wishes
from engine.store.catalogue import Opinion, Stock
from tests import builders
from tests.slips import composed

SHOP: tuple[tuple[str, builders.Row], ...] = (
    ("수딩 토너", {"category": "스킨/토너", "price": 12000, "reviews": 40}),
    ("쑥 수딩 크림", {"price": 25000, "reviews": 30}),
    ("순한 수딩 토너 미스트", {"category": "미스트/오일", "price": 9000, "reviews": 50}),
    ("장벽 크림", {"price": 38000, "reviews": 20, "brand": "이니스프리(innisfree)"}),
    ("물광 크림", {"price": 21000, "reviews": 10, "brand": "하늬담"}),
    ("맑은 앰플", {"category": "에센스", "price": 30000, "reviews": 5, "brand": "MOONBIT"}),
    ("비타민C 세럼", {"category": "에센스", "price": None, "reviews": 4, "brand": "CNP"}),
)


def shop(*changes: tuple[str, builders.Row]) -> tuple[Product, ...]:
    """Products in the order of the store's read: what is sold and the most reviewed first."""
    made = [
        builders.product(id=number, key=f"p{number:03}", name=name, **more)
        for number, (name, more) in enumerate(changes, 1)
    ]
    return tuple(sorted(made, key=lambda one: (not one.on_sale, -one.reviews, one.id)))


def opinion(product: int, skin: SkinType | None, effect: Effect | None, *ratings: float) -> Opinion:
    return Opinion(product, skin, effect, len(ratings), sum(ratings))


class Searching:
    def __init__(self, products: tuple[Product, ...], *opinions: Opinion) -> None:
        self.names = {one.id: one.name for one in products}
        self.finder = Finder(Stock(products, opinions))

    def finds(self, text: str, page: int = 1) -> list[str]:
        return [self.names[one] for one in self.finder.find(text, page).items]


@pytest.fixture(scope="module")
def phone() -> Searching:
    return Searching(shop(*SHOP))


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "쑥 수딩 크림",
        "쑥수딩크림",
        "쑥, 수딩-크림!",
        "새벽숲 쑥수딩크림",
        "쑥 수딩 크림 새벽숲",
        "크림 쑥",
        "크림 쑥 새벽숲",
        "쑥 수딩 크리",
        "쑥 수ㄷ",
        "쑥숟",
        "ㅆㅅㄷㅋㄹ",
        "ㅆ ㅅㄷ ㅋㄹ",
        "ㅋㄹ ㅆ",
        "쑥ㅅㄷㅋㄹ",
        "수딩ㅋㄹ",
        "쑥 수당 크림",
        "쑥 슈딩 크림",
        "쑥 수딩 크맅",
        "쑥 수딛 크림",
        "쑥 수디ㅇ 킈림",
        "크림 쑥 수당",
    ],
)
def test_a_name_is_found_as_people_type_it(phone: Searching, typed: str) -> None:
    assert phone.finds(typed)[0] == "쑥 수딩 크림"


@pytest.mark.parametrize("typed", ["안녕하세요", "김치찌개", "zzzz", "%", "!!!", "ㅠㅠ", "\x00"])
def test_what_is_not_there_is_not_found(phone: Searching, typed: str) -> None:
    found = phone.finder.find(typed, 1)
    assert (found.items, found.total, found.pages) == ((), 0, 1)


def test_an_exact_name_comes_before_more_reviewed_names_that_hold_it(phone: Searching) -> None:
    assert phone.finds("수딩 토너") == ["수딩 토너", "순한 수딩 토너 미스트"]


def test_all_words_of_a_name_in_any_order_come_before_a_name_with_more() -> None:
    phone = Searching(
        shop(("장벽 수분 크림", {"reviews": 1}), ("순한 장벽 수분 크림", {"reviews": 9}))
    )
    assert phone.finds("크림 장벽 수분") == ["장벽 수분 크림", "순한 장벽 수분 크림"]


def test_a_slip_never_comes_before_what_was_typed() -> None:
    phone = Searching(
        shop(
            ("이슬 코너 크림", {"reviews": 90}),
            ("이슬 토너 크림", {"reviews": 1}),
            ("이슬 도너 크림", {"reviews": 80}),
        )
    )
    assert phone.finds("이슬 토너")[0] == "이슬 토너 크림"
    assert set(phone.finds("이슬 토너")[1:]) == {"이슬 코너 크림", "이슬 도너 크림"}


def test_initials_come_before_slips_and_after_words() -> None:
    phone = Searching(
        shop(("가나 다람", {"reviews": 5}), ("ㄱㄴ 연구소", {"reviews": 1}), ("나비", {}))
    )
    assert phone.finds("ㄱㄴ") == ["ㄱㄴ 연구소", "가나 다람"]


def test_a_whole_name_with_a_slip_comes_before_more_reviewed_parts() -> None:
    phone = Searching(
        shop(("장벽 크림", {"reviews": 1}), ("순한 장벽 크림 대용량", {"reviews": 99}))
    )
    assert phone.finds("장벽 크람")[0] == "장벽 크림"


def test_the_sold_out_come_last_and_an_empty_text_finds_all() -> None:
    phone = Searching(
        shop(
            ("하나 크림", {"reviews": 9, "on_sale": False}),
            ("두리 크림", {"reviews": 1}),
            ("세나 크림", {"reviews": 5}),
        )
    )
    for typed in ("", "  ", "크림", "새벽숲"):
        assert phone.finds(typed) == ["세나 크림", "두리 크림", "하나 크림"]


def test_pages_hold_five_and_a_page_out_of_range_is_brought_in() -> None:
    phone = Searching(shop(*((f"이슬 {number}", {}) for number in range(12))))
    pages = [phone.finder.find("이슬", number) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [5, 5, 2]
    assert {(page.pages, page.total) for page in pages} == {(3, 12)}
    assert len({one for page in pages for one in page.items}) == 12
    assert phone.finder.find("이슬", 10**30) == pages[2]
    assert phone.finder.find("이슬", -3) == pages[0]


@pytest.mark.parametrize("typed", ["", "크림", "ㅋㄹ", "지성 크림 만원 이하", "innisfree", "수당"])
def test_an_empty_catalogue_finds_nothing(typed: str) -> None:
    assert Finder(Stock()).find(typed, 1).total == 0


# --- brands --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("innisfree", "장벽 크림"),
        ("Innisfree 크림", "장벽 크림"),
        ("이니스프리", "장벽 크림"),
        ("이니스프리 장벽크림", "장벽 크림"),
        ("장벽 크림 INNISFREE", "장벽 크림"),
        ("이니스프리(innisfree) 장벽 크림", "장벽 크림"),
        ("ㅇㄴㅅㅍㄹ", "장벽 크림"),
        ("이니스플리", "장벽 크림"),
        ("hanuidam", "물광 크림"),
        ("문빗", "맑은 앰플"),
        ("씨엔피", "비타민C 세럼"),
        ("비타민씨", "비타민C 세럼"),
        ("vitamin", "비타민C 세럼"),
        ("cnp 세럼", "비타민C 세럼"),
    ],
)
def test_a_brand_is_found_in_hangul_and_in_latin(phone: Searching, typed: str, found: str) -> None:
    assert phone.finds(typed) == [found]


def test_the_beginning_of_a_brand_is_enough_to_sound_alike() -> None:
    phone = Searching(shop(("물광 크림", {"brand": "에뛰드하우스"}), ("밤 크림", {})))
    assert phone.finds("etude") == phone.finds("etude 크림") == ["물광 크림"]


def test_both_spellings_of_a_brand_are_read() -> None:
    assert brand_spellings("키엘 (Kiehl's)") == ("키엘 (Kiehl's)", "키엘", "Kiehl's")
    assert brand_spellings("하늬담") == ("하늬담",)


@pytest.mark.parametrize(
    ("latin", "hangul"),
    [
        ("innisfree", "이니스프리"),
        ("HERA", "헤라"),
        ("CNP", "씨엔피"),
        ("BB크림", "비비크림"),
        ("vitamin C", "비타민 씨"),
        ("missha", "미샤"),
        ("toner", "토너"),
        ("Clarins", "클라린스"),
        ("Kiehl's", "키엘스"),
        ("nivea", "니베아"),
        ("쑥 토너 80", "쑥 토너 80"),
    ],
)
def test_latin_words_are_read_aloud(latin: str, hangul: str) -> None:
    assert read_aloud(latin) == hangul


def test_spellings_of_a_foreign_name_sound_alike() -> None:
    assert sound("꼬달리") == sound("코달리")
    assert sound("라네즈") != sound("라네이지")


# --- wishes --------------------------------------------------------------------------------------

WISHES = Wishes(("크림", "스킨/토너", "에센스", "미스트/오일"))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        (
            "지성 크림 2만원대",
            Wish(
                words=("지성", "크림"),
                low=20_000,
                high=29_999,
                skin=SkinType.OILY,
                categories=frozenset({"크림"}),
            ),
        ),
        (
            "민감성용수분크림 추천해줘",
            Wish(
                words=("민감성용수분크림", "추천해줘"),
                skin=SkinType.SENSITIVE,
                effects=(Effect.MOISTURE,),
                categories=frozenset({"크림"}),
            ),
        ),
        (
            "트러블 주름 앰플",
            Wish(
                words=("트러블", "주름", "앰플"),
                effects=(Effect.SOOTHING, Effect.AGEING),
                categories=frozenset({"에센스"}),
                preferred=("앰플",),
            ),
        ),
        (
            "모공 토너",
            Wish(words=("모공", "토너"), categories=frozenset({"스킨/토너"}), preferred=("모공",)),
        ),
        (
            "저렴한 쑥 크림",
            Wish(("쑥", "크림"), cheap=True, categories=frozenset({"크림"}), rest=("쑥",)),
        ),
        ("가이 크림", Wish(("가이", "크림"), categories=frozenset({"크림"}), rest=("가이",))),
        ("추천 제품", Wish(words=("추천", "제품"), rest=("추천", "제품"))),
    ],
)
def test_words_say_what_is_wished_for(text: str, wish: Wish) -> None:
    assert WISHES.read(text) == wish


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("크림 2만원대", ["쑥 수딩 크림", "물광 크림"]),
        ("크림 3만원 미만", ["쑥 수딩 크림", "물광 크림"]),
        ("2만 5천원 이하 크림", ["쑥 수딩 크림", "물광 크림"]),
        ("만원 이하", ["순한 수딩 토너 미스트"]),
        ("1~2만원", ["수딩 토너"]),
        ("삼만원 이상", ["장벽 크림", "맑은 앰플"]),
        ("화장수", ["수딩 토너"]),
        ("세럼", ["비타민C 세럼", "맑은 앰플"]),
        ("앰플", ["맑은 앰플", "비타민C 세럼"]),
        ("하늬담 크림 2만원대", ["물광 크림"]),
        ("하늬담 토너", []),
        ("ㅋㄹ 2만원대", ["쑥 수딩 크림", "물광 크림"]),
        ("저렴한 크림", ["물광 크림"]),
    ],
)
def test_categories_and_prices_narrow(phone: Searching, typed: str, found: list[str]) -> None:
    assert phone.finds(typed) == found


def test_a_category_comes_before_names_that_hold_its_word(phone: Searching) -> None:
    assert phone.finds("토너") == ["수딩 토너", "순한 수딩 토너 미스트"]


CREAMS = shop(
    ("가을 크림", {"reviews": 30}),
    ("나무 크림", {"reviews": 20}),
    ("다과 크림", {"reviews": 10}),
    ("라온 크림", {"reviews": 40, "on_sale": False}),
)


def test_those_whom_people_of_the_skin_rate_best_come_first() -> None:
    phone = Searching(
        CREAMS,
        opinion(1, SkinType.OILY, None, 2.0, 2.0, 1.0),
        opinion(1, SkinType.DRY, None, *[5.0] * 9),
        opinion(2, SkinType.OILY, None, 5.0, 5.0, 5.0),
        opinion(4, SkinType.OILY, None, *[5.0] * 9),
    )
    # the sold-out one last; of whom nobody with such skin tells, before that
    assert phone.finds("지성 크림") == ["나무 크림", "가을 크림", "다과 크림", "라온 크림"]
    assert phone.finds("크림") == ["가을 크림", "나무 크림", "다과 크림", "라온 크림"]
    assert phone.finds("지성") == ["나무 크림", "가을 크림", "라온 크림"]


def test_a_single_best_rating_does_not_beat_many_good_ones() -> None:
    phone = Searching(
        CREAMS,
        opinion(2, SkinType.OILY, None, 5.0),
        opinion(3, SkinType.OILY, None, *[5.0] * 20, *[4.0] * 5),
        opinion(1, SkinType.OILY, None, *[3.0] * 30),
    )
    assert phone.finds("지성 크림")[:2] == ["다과 크림", "나무 크림"]


def test_a_concern_asks_for_what_helps_it() -> None:
    phone = Searching(
        CREAMS,
        opinion(1, SkinType.DRY, Effect.AGEING, *[5.0] * 8),
        opinion(1, SkinType.DRY, Effect.SOOTHING, 5.0),
        opinion(2, SkinType.DRY, Effect.SOOTHING, *[5.0] * 8),
        opinion(3, SkinType.OILY, Effect.MOISTURE, *[4.0] * 8),
    )
    assert phone.finds("트러블 크림")[0] == "나무 크림"
    assert phone.finds("주름 크림")[0] == "가을 크림"
    assert phone.finds("속건조 크림")[0] == "다과 크림"


# --- letters -------------------------------------------------------------------------------------


def test_strokes_are_what_the_keyboard_types() -> None:
    assert strokes("닭과") == strokes("달ㄱ고ㅏ") == strokes("ㄷㅏㄺㄱㅗㅏ")
    assert strokes("수딩").startswith(strokes("수디"))
    assert strokes("각사").startswith(strokes("갃"))
    assert max(map(ord, strokes("뷁꿿 BB 12"))) < 256


def test_an_input_method_joins_initials_with_what_stands_before() -> None:
    assert "ㄱㅅ" in patterns("ㄳ")
    assert "토너ㅅㅋ" in patterns("토넛ㅋ")


def test_the_test_s_own_keyboard_composes_what_it_takes_apart() -> None:
    assert composed(list("ㅅㅜㄷㅣㅇㅋㅡㄹㅣㅁ")) == "수딩크림"
    assert composed(list("ㄷㅏㄹㄱㅇㅡㄴ")) == "닭은"
    assert composed(list("ㅅㅂㅜㄴ")) == "ㅅ분"
