"""What a question names that does not exist is told from what it only describes."""

from collections.abc import Sequence

import pytest

from engine.domain import Passage, Question, Talk, Writer
from engine.generation.checks.names import Known
from engine.generation.consult import Consultant, Consulted
from engine.generation.intent import Intent, Understanding
from engine.generation.material import PassageRetriever
from engine.generation.unknown import Missing, Stock, What, said

PRODUCTS = (
    ("더마노크", "판테놀 리페어 크림", "크림"),
    ("더마노크", "세라마이드 장벽 크림", "크림"),
    ("이슬다락", "장미 물광 크림", "크림"),
    ("초록서랍", "병풀 수분 로션", "로션"),
)
INGREDIENTS = ("판테놀", "세라마이드엔피", "나이아신아마이드", "오이추출물")
TOLD = frozenset(["촉촉하고", "순해서", "좋아요", "수분감", "쫀쫀"])


def stock(faq: str = "") -> Stock:
    rows = [
        ({"kind": "product", "brand": brand, "name": name, "title": name, "category": kind}, "")
        for brand, name, kind in PRODUCTS
    ]
    rows += [({"kind": "ingredient", "title": name}, "") for name in INGREDIENTS]
    rows += [({"kind": "faq", "title": faq}, faq)] if faq else []
    return Stock.of(Known.of_metadata(one for one, _ in rows), rows, TOLD.__contains__)


def missing(text: str, intent: Intent, products: tuple[str, ...] = ()) -> Missing | None:
    return stock().missing(Understanding(intent, products=products), text)


@pytest.mark.parametrize(
    ("text", "intent", "names"),
    [
        ("오로라딥 리페어 크림 가격 알려줘", Intent.PRODUCT, ("오로라딥 리페어 크림",)),
        ("별빛상회 젤크림은 어때요?", Intent.PRODUCT, ("별빛상회 젤크림",)),
        ("더마노크 장미 리페어 크림 후기", Intent.PRODUCT, ("더마노크 장미 리페어 크림",)),
        ("더마노크 판테놀 선세럼 평점", Intent.PRODUCT, ("더마노크 판테놀 선세럼",)),
        ("코튼랩 토너 리프문 토너 비교", Intent.COMPARE, ("코튼랩 토너", "리프문 토너")),
        ("스네일로그 7번 앰플은 언제 발라요", Intent.ROUTINE, ("스네일로그 7번 앰플",)),
    ],
)
def test_a_name_that_no_product_bears_is_unknown(
    text: str, intent: Intent, names: tuple[str, ...]
) -> None:
    found = missing(text, intent)
    assert found is not None
    assert (found.what, found.names) == (What.PRODUCT, names)


@pytest.mark.parametrize(
    "text",
    [
        "촉촉한 크림 어때요",
        "순한 여름용 토너 얼마예요",
        "세라마이드 크림 써도 돼요?",
        "더마노크 크림 얼마예요",
        "더마노크 세라마이드 크림 얼마예요",
        "판테놀리페어크림 후기",
        "판테늘 리페어 크림 후기",
        "장미 물괭 크림 후기",
        "아까 본 크림 얼마였지",
        "그거 밤에만 쓰는 거야?",
        "낮 루틴 밤 루틴 따로 알려줘",
        "젤 크림이랑 그냥 크림 뭐가 달라요",
        "ㅇㅅㄷㄹ 크림 용량",
    ],
)
@pytest.mark.parametrize("intent", [Intent.PRODUCT, Intent.COMPARE, Intent.ROUTINE])
def test_a_description_or_a_slip_is_no_unknown_name(text: str, intent: Intent) -> None:
    assert missing(text, intent) is None


def test_the_product_beside_the_unknown_one_is_named_too() -> None:
    found = missing("설화담 크림이랑 병풀 수분 로션 비교", Intent.COMPARE, products=("p4",))
    assert found is not None
    assert (found.names, found.beside) == (("설화담 크림",), ("초록서랍 병풀 수분 로션",))
    assert "«초록서랍 병풀 수분 로션»은 자료가 있으니" in said(found, stock())


def test_an_unknown_name_is_not_taken_for_what_was_spoken_of() -> None:
    understood = Understanding(Intent.PRODUCT, products=("p4",))
    text = "오로라딥 크림은?"
    assert stock().missing(understood, text, Talk(products=("p4",))) is not None
    assert stock().missing(understood, "그 크림은?", Talk(products=("p4",))) is None


def test_a_real_name_that_may_have_been_meant_is_offered() -> None:
    found = missing("별빛상회 물광크림 어때요?", Intent.PRODUCT)
    assert found is not None
    assert "«이슬다락 장미 물광 크림»을 찾으셨나요?" in said(found, stock())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("바이오루미넨이 무슨 성분이에요", "바이오루미넨"),
        ("엑소좀 성분 효과있음?", "엑소좀"),
        ("오로라추출물이 뭐예요", "오로라추출물"),
        ("블루알지닌 위험한가요", "블루알지닌"),
    ],
)
def test_an_ingredient_that_no_list_holds_is_unknown(text: str, name: str) -> None:
    found = missing(text, Intent.INGREDIENT)
    assert found is not None
    assert (found.what, found.names) == (What.INGREDIENT, (name,))


@pytest.mark.parametrize(
    "text",
    ["이 성분 뭐예요", "유해 성분 뭐 피해야 해요?", "각질 제거 성분 알려줘", "세라마이드가 뭐예요"],
)
def test_a_question_of_ingredients_may_name_none(text: str) -> None:
    assert missing(text, Intent.INGREDIENT) is None


@pytest.mark.parametrize("text", ["선크림 추천해줘", "바디 로션 있어요?", "쿠션은 안 팔아요?"])
def test_a_kind_that_is_not_sold_is_not_chosen_from(text: str) -> None:
    found = missing(text, Intent.RECOMMEND)
    assert found is not None
    assert found.what is What.KIND
    assert "크림, 로션 중에서는" in said(found, stock())


@pytest.mark.parametrize(
    "text",
    ["쿠션 바르기 전에 쓸 크림 추천", "선크림 전에 뭐 발라요", "선크림 말고 로션", "크림 추천"],
)
def test_a_kind_that_is_only_mentioned_is_not_wished(text: str) -> None:
    assert missing(text, Intent.RECOMMEND) is None


def test_a_kind_that_the_shop_answers_about_is_left_to_that_answer() -> None:
    asked = Understanding(Intent.RECOMMEND)
    assert stock("선크림도 파나요?").missing(asked, "선크림 있어요?") is None


class Nothing(PassageRetriever):
    """An index that finds nothing."""

    async def passages(self, *_: object, **__: object) -> list[Passage]:
        return []

    def about(self, *_: object) -> None:
        return None

    def formula(self, *_: object) -> tuple[str, ...]:
        return ()


class Reads:
    async def understand(self, question: Question) -> Understanding:
        return Understanding(Intent.INGREDIENT)


async def consulted(asks: list[str], found: Sequence[Passage]) -> str:
    async def dictionary(sentence: str) -> Sequence[Passage]:
        asks.append(sentence)
        return found

    consultant = Consultant(Nothing(), None, dictionary, understander=Reads(), stock=stock())  # type: ignore[arg-type]
    pieces = [one async for one in consultant.consult(Question("엑소좀이 뭐예요?"))]
    (done,) = pieces
    assert isinstance(done, Consulted)
    assert done.answer.writer is Writer.GUARD
    return done.answer.text


async def test_the_dictionary_is_asked_before_an_ingredient_is_called_unknown() -> None:
    asks: list[str] = []
    text = await consulted(asks, ())
    assert "«엑소좀»은 제가 가진 성분 자료에서 찾지 못했어요" in text
    assert asks == ["엑소좀"]
