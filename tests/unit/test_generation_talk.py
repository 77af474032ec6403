"""A conversation with the counsellor, a question after another, without a language model."""

import pytest

from engine.domain import Answer, DocumentKind, Named, Passage, Question, Talk
from engine.generation.composed import NONE_CHEAPER, ROUTINE, WHICH
from engine.generation.consult import Consultant, Consulted
from engine.generation.understanding import Understander
from engine.parsing.korean import squeeze
from engine.retrieval.embedding import universal
from tests.fakes import Bookshelf


def cream(key: str, title: str, price: int) -> Passage:
    text = f"{title} (크림)\n브랜드: 새벽숲\n가격: {price:,}원\n용량: 80ml\n성분: 정제수, 글리세린"
    return Passage(DocumentKind.PRODUCT, key, title, text)


DEW = cream("p1", "새벽숲 이슬 수분 크림", 18_000)
MOON = cream("p2", "새벽숲 달빛 영양 크림", 32_000)
STAR = cream("p3", "새벽숲 별빛 젤 크림", 12_000)


class Names:
    def named(self, question: str) -> list[Named]:
        told = squeeze(question)
        names = {one.key: squeeze(one.title.removeprefix("새벽숲 ")) for one in (DEW, MOON, STAR)}
        there = sorted((told.find(name), key, name) for key, name in names.items() if name in told)
        return [Named(name, DocumentKind.PRODUCT, (key,)) for _, key, name in there]


class PointedAt(Bookshelf):
    """Finds what is pointed at, and what costs as much as is wanted."""

    async def passages(self, question, kinds=None, n=8, **more):
        meant = more.get("meant", ())
        low, high = more.get("prices") or (0, float("inf"))
        prices = {"p1": 18_000, "p2": 32_000, "p3": 12_000}
        first = [one for one in self.found if one.key in meant]
        rest = [one for one in self.found if low <= prices[one.key] <= high]
        scored = [Passage(o.kind, o.key, o.title, o.text, 2.0) for o in first]
        return scored + [one for one in rest if one not in first]


class Chat:
    def __init__(self, *stock: Passage) -> None:
        names = Names()
        self._consultant = Consultant(
            PointedAt(stock, stock, {}), understander=Understander(names, universal())
        )
        self.talk = Talk()

    async def asks(self, text: str) -> Answer:
        question = Question(text, talk=self.talk)
        *_, last = [one async for one in self._consultant.consult(question)]
        assert isinstance(last, Consulted)
        self.talk = last.answer.talk
        return last.answer


async def test_that_is_what_was_spoken_of():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("달빛 영양 크림 어때요?")
    answer = await chat.asks("그건 얼마야?")
    assert answer.intent == "product"
    assert "32,000원" in answer.text
    assert "18,000원" not in answer.text


async def test_cheaper_is_cheaper_than_what_was_spoken_of():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("이슬 수분 크림 얼마예요?")
    answer = await chat.asks("더 싼 건?")
    assert "별빛 젤 크림" in answer.text
    assert "달빛 영양 크림" not in answer.text
    assert chat.talk.products[0] == "p3"


async def test_where_nothing_is_cheaper_it_is_said():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("별빛 젤 크림 얼마예요?")
    assert NONE_CHEAPER in (await chat.asks("더 싼 건?")).text


async def test_two_that_were_spoken_of_are_compared():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("이슬 수분 크림 어때요?")
    answer = await chat.asks("달빛 영양 크림이랑 비교하면?")
    assert "14,000원 저렴해요" in answer.text


async def test_the_order_of_things_is_a_matter_of_the_routine():
    answer = await Chat(DEW).asks("토너랑 크림은 어떤 순서로 발라요?")
    assert answer.intent == "routine"
    assert ROUTINE in answer.text


async def test_thanks_do_not_end_the_talk():
    chat = Chat(DEW, MOON)
    await chat.asks("달빛 영양 크림 어때요?")
    spoken = chat.talk
    await chat.asks("고마워요!")
    assert chat.talk == spoken


async def test_a_shop_matter_after_a_product_is_still_the_shops():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("이슬 수분 크림 얼마예요?")
    assert (await chat.asks("배송비 얼마예요?")).intent == "shop"


async def test_a_routine_asked_for_anew_is_not_about_the_last_product():
    chat = Chat(DEW, MOON, STAR)
    await chat.asks("이슬 수분 크림 얼마예요?")
    assert "이슬 수분 크림" not in (await chat.asks("아침에 뭐부터 발라?")).text


async def test_what_points_at_nothing_is_asked_back():
    chat = Chat(DEW, MOON, STAR)
    assert (await chat.asks("방금 그거 용량은?")).text == WHICH


@pytest.mark.parametrize(
    "text",
    [
        "마일리지는 어떻게 써요?",
        "오늘 문 열어?",
        "돈 돌려받고 싶은데",
        "이거 정품 맞아요?",
        "배달 언제 와",
    ],
)
async def test_what_only_the_seller_knows_is_the_shops(text: str):
    assert (await Chat(DEW, MOON, STAR).asks(text)).intent == "shop"
