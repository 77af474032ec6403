"""Lists of products: the picker, «제품 찾기», one product's card."""

from bot.dialogue import texts
from bot.dialogue.model import (
    PICKS_AT_MOST,
    Finding,
    Pick,
    Picking,
    ProductLiked,
    ProductsFound,
    ProductUnliked,
    ReadingProduct,
    SearchProducts,
    TurnTo,
)
from engine.domain import Page
from tests.chat import PRODUCTS, START, Chat, Shop, agreed, picking, recommended


def product_labels(chat: Chat) -> list[str]:
    titles = {product.title for product in PRODUCTS}
    return [label for label in chat.labels if label.removeprefix("✅ ") in titles]


def test_the_picker_shows_five_a_page_most_reviewed_first():
    chat = picking()
    assert product_labels(chat) == [product.title for product in PRODUCTS[:5]]
    assert "1/3쪽" in chat.text
    assert [len(row) for row in chat.bubbles[-1].rows[:5]] == [1] * 5


def test_page_buttons_stand_only_where_they_lead():
    chat = picking()
    assert "◀ 이전" not in chat.labels
    chat.presses("다음 ▶")
    assert {"◀ 이전", "다음 ▶"} <= {*chat.labels} and "2/3쪽" in chat.text
    chat.presses("다음 ▶")
    assert "다음 ▶" not in chat.labels and "3/3쪽" in chat.text
    assert chat.presses("◀ 이전").dialogue.scene == Picking(page=2)


def test_one_page_needs_no_page_buttons():
    chat = picking().says("토너")
    assert "1/1쪽" in chat.text
    assert not {"◀ 이전", "다음 ▶"} & {*chat.labels}


def test_picks_are_marked_counted_and_kept_as_likes():
    chat = picking().presses("달빛 수분 크림").presses("온결 보습 크림")
    assert [label for label in chat.labels if "✅" in label] == [
        "✅ 달빛 수분 크림",
        "✅ 온결 보습 크림",
    ]
    assert "2개 골랐어요" in chat.text
    liked = [fact for fact in chat.facts if isinstance(fact, ProductLiked)]
    assert [(fact.product, fact.rating) for fact in liked] == [(1, 5.0), (5, 5.0)]


def test_a_pick_is_taken_back():
    chat = picking().presses("달빛 수분 크림").presses("달빛 수분 크림")
    assert chat.dialogue.picks == ()
    assert isinstance(chat.facts[-1], ProductUnliked) and chat.fact.product == 1
    assert not any("✅" in label for label in chat.labels)


def test_a_second_tap_on_the_same_button_is_harmless():
    chat = picking().taps(Pick(1, on=True))
    facts = list(chat.facts)
    chat.taps(Pick(1, on=True))
    assert chat.dialogue.picks == (1,) and chat.facts == facts
    chat.taps(Pick(1, on=False)).taps(Pick(1, on=False))
    assert [type(fact) for fact in chat.facts[len(facts) :]] == [ProductUnliked]


def test_ten_picks_are_enough_and_that_is_said_kindly():
    chat = picking()
    for number in range(1, PICKS_AT_MOST + 1):
        chat.taps(Pick(number, on=True))
    facts = list(chat.facts)
    chat.taps(Pick(11, on=True))
    assert chat.toasts == [texts.PICK_FULL]
    assert len(chat.dialogue.picks) == PICKS_AT_MOST and chat.facts == facts
    assert chat.taps(Pick(1, on=False)).taps(Pick(11, on=True)).dialogue.picks[-1] == 11


def test_typing_searches_names_and_brands():
    chat = picking().says("달빛")
    assert product_labels(chat) == ["달빛 수분 크림", "달빛 진정 토너"]
    assert "«달빛» 검색 결과 2개" in chat.text
    assert product_labels(chat.says("시카")) == ["숲속 시카 로션"]


def test_a_search_is_left_by_everything():
    chat = picking().says("달빛").presses("전체 보기")
    assert chat.dialogue.scene == Picking()
    assert "전체 제품 13개" in chat.text


def test_nothing_found_says_so_and_leaves_ways_on():
    chat = picking().says("없는제품")
    assert texts.not_found("없는제품") in chat.text
    assert {"전체 보기", "선택 완료", "처음으로"} <= {*chat.labels}


def test_the_label_of_a_product_may_be_typed():
    chat = picking().says("달빛수분크림")
    assert chat.dialogue.picks == (1,)


def test_a_page_is_turned_absolutely():
    chat = picking().taps(TurnTo(2)).taps(TurnTo(2))
    assert chat.dialogue.scene == Picking(page=2)
    assert chat.taps(TurnTo(99)).dialogue.scene == Picking(page=3)
    assert chat.taps(TurnTo(0)).dialogue.scene == Picking(page=1)


def test_picks_survive_leaving_and_coming_back():
    chat = picking().presses("달빛 수분 크림").presses("처음으로").presses("추천 받기")
    assert "✅ 달빛 수분 크림" in chat.labels


def test_a_search_text_too_long_for_a_name_leaves_everything_as_it_is():
    chat = picking()
    before = chat.dialogue
    chat.says("가" * 61)
    assert chat.text == texts.SEARCH_TOO_LONG
    assert chat.dialogue == before


def test_of_two_fast_picks_the_page_of_the_second_shows_both():
    chat = picking(Chat())
    chat.patient = True
    chat.taps(Pick(1, on=True))
    first = chat.waiting
    chat.taps(Pick(2, on=True))
    assert isinstance(first, SearchProducts)
    page = Page(PRODUCTS[:5], 1, 3, 13)
    before = chat.dialogue
    chat.late(ProductsFound(first.ticket, START, page))
    assert chat.dialogue == before and chat.last == ()
    chat.answered()
    assert ["✅" in label for label in product_labels(chat)][:3] == [True, True, False]


def test_picker_buttons_do_not_fit_after_leaving():
    chat = picking().presses("처음으로").presses_above("달빛 수분 크림")
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.picks == ()
    assert "추천 받기" in chat.labels


def test_finding_asks_for_a_text_and_lists_what_bears_it():
    chat = agreed().presses("제품 찾기")
    assert chat.text == texts.ASK_PRODUCT
    chat.says("크림")
    assert product_labels(chat) == ["달빛 수분 크림", "온결 보습 크림", "이슬 장벽 크림"]
    assert chat.dialogue.scene == Finding("크림", 1)


def test_finding_turns_pages_of_everything():
    chat = agreed().presses("제품 찾기").presses("전체 보기").presses("다음 ▶")
    assert chat.dialogue.scene == Finding("", 2)
    assert product_labels(chat) == [product.title for product in PRODUCTS[5:10]]


def test_a_found_product_is_shown_as_a_card():
    chat = agreed().presses("제품 찾기").says("크림").presses("달빛 수분 크림")
    [card] = chat.cards
    assert card.product == PRODUCTS[0]
    assert card.facts == "10,500원 · ★ 3.6 · 리뷰 1,203개"
    assert chat.labels == ["자세히 보기", "성분 보기", "← 이전", "다른 제품 찾기", "처음으로"]
    assert chat.button("자세히 보기").url == PRODUCTS[0].url
    assert chat.dialogue.scene == ReadingProduct(1, "open:find")


def test_a_product_without_a_link_has_no_link_button():
    chat = agreed().presses("제품 찾기").says("진정").presses("달빛 진정 토너")
    assert "자세히 보기" not in chat.labels


def test_an_empty_shop_says_so():
    chat = picking(Chat(Shop(products=())))
    assert texts.not_found("") in chat.text
    assert "선택 완료" in chat.labels


def test_picking_again_after_recommendations_keeps_the_picks():
    chat = recommended().presses("제품 다시 고르기")
    assert chat.dialogue.scene == Picking()
    assert "2개 골랐어요" in chat.text
