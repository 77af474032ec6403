"""What a review praises and blames, as it is read."""

import pandas as pd
import pytest

from engine.domain import DocumentKind, Passage
from engine.generation.facts import review_facts
from engine.parsing.opinions import Opinions, opinions
from engine.retrieval.documents import documents
from tests.unit.test_retrieval import INGREDIENTS, PRODUCTS, review


def said(text: str) -> tuple[set[str], set[str]]:
    """What is praised and what is blamed where two people write the same."""
    found = opinions([text, text])
    return {label for label, _ in found.praise}, {label for label, _ in found.blame}


@pytest.mark.parametrize(
    ("text", "praise", "blame"),
    [
        ("흡수가 정말 빨라요.", {"흡수가 빨라요"}, set()),
        ("흡수가 느려서 겉도는 느낌이에요.", set(), {"흡수가 느려요"}),
        ("끈적임이 하나도 없어요.", {"끈적이지 않아요"}, set()),
        ("끈적여서 손이 안 가요.", set(), {"끈적여요"}),
        ("촉촉하진 않아요.", set(), {"보습이 모자라요"}),
        ("바를 때만 촉촉하고 금방 사라져요.", set(), {"보습이 모자라요"}),
        ("입가가 덜 당겨요.", {"촉촉해요"}, set()),
        ("쓰고 나서 가렵거나 붉어지지 않아요.", {"자극이 없어요"}, set()),
        ("며칠 쓰니 얼굴이 화끈거렸어요.", set(), {"자극이 있어요"}),
        ("자극은 없는데 향이 너무 강해요.", {"자극이 없어요"}, {"향이 거슬려요"}),
        ("향이 과하지 않고 은은해요.", {"향이 좋아요"}, set()),
        ("향만 조금 약했으면 좋겠어요.", set(), {"향이 거슬려요"}),
        ("비싸지 않아요.", {"가성비가 좋아요"}, set()),
        ("가격이 조금 부담돼요.", set(), {"값이 비싸요"}),
        ("양이 적어요.", set(), {"양이 적어요"}),
        ("트러블이 올라왔어요.", set(), {"트러블이 났어요"}),
        ("트러블이 안 났어요.", {"트러블이 안 나요"}, set()),
        ("부드럽게 발리고 겉돌지 않아요.", {"부드럽게 발려요", "흡수가 빨라요"}, set()),
    ],
)
def test_a_denied_word_counts_for_the_other_side(text, praise, blame):
    assert said(text) == (praise, blame)


@pytest.mark.parametrize(
    "text",
    [
        "여드름 피부인데 좋아요.",
        "푸석하던 볼이 좋아졌어요.",
        "더 촉촉했으면 좋겠어요.",
        "향료가 안 들어 있어서 마음에 들어요.",
        "자극은 딱 보통이에요.",
        "비슷한 값이면 다른 걸 고르겠어요.",
        "",
    ],
)
def test_what_was_or_is_wished_or_is_no_opinion_counts_for_none(text):
    assert said(text) == (set(), set())


def test_a_review_counts_once_for_a_label_and_one_alone_is_not_told():
    found = opinions(["촉촉해요. 정말 촉촉해요.", "하루 종일 촉촉해요.", "끈적여요."])
    assert found == Opinions((("촉촉해요", 2),), ())


def test_only_the_most_said_are_told_most_first():
    texts = ["촉촉해요. 끈적임이 없어요. 흡수가 빨라요. 향이 좋아요."] * 2 + ["향이 좋아요."] * 2
    labels = [label for label, _ in opinions(texts).praise]
    assert labels[0] == "향이 좋아요"
    assert len(labels) == 3


def test_a_products_reviews_say_so_with_counts_that_are_read_back():
    texts = ["흡수가 빨라요."] * 3 + ["끈적여요."] * 2
    reviews = pd.DataFrame([review("p1", 4, text=text) for text in texts])
    found = {one.id: one for one in documents(PRODUCTS, INGREDIENTS, reviews)}
    document = found["reviews:p1"]
    lines = document.page_content.split("\n")
    assert "칭찬: 흡수가 빨라요 3개" in lines
    assert "아쉬움: 끈적여요 2개" in lines
    assert "흡수가 빨라요." in document.metadata["gist"]
    facts = review_facts(
        Passage(DocumentKind.REVIEWS, "p1", document.metadata["title"], document.page_content, 0.5)
    )
    assert (facts.praise, facts.blame) == ({"흡수가 빨라요": 3}, {"끈적여요": 2})
