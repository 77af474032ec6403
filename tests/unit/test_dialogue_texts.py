"""Prices, counts, particles and lengths of what is said."""

import re
from dataclasses import replace

import pytest

from bot.dialogue import texts
from bot.dialogue.model import Step
from engine.domain import Page
from tests.chat import PRODUCTS


def test_prices_and_counts_have_thousands():
    product = replace(PRODUCTS[0], price=1_118_000, rating=4.25, reviews=12_345)
    assert texts.facts(product) == "1,118,000원 · ★ 4.2 · 리뷰 12,345개"


def test_unknown_facts_are_left_out():
    product = replace(PRODUCTS[0], price=None, rating=None, reviews=0)
    assert texts.facts(product) == "아직 리뷰가 없어요"
    assert "판매하지 않아요" in texts.facts(replace(product, on_sale=False))


def test_a_free_product_is_told_its_price():
    assert texts.facts(replace(PRODUCTS[0], price=0)).startswith("0원")


@pytest.mark.parametrize(
    ("word", "said"), [("토너", "«토너»는"), ("크림", "«크림»은"), ("SPF50", "«SPF50»은")]
)
def test_particles_follow_the_final_consonant(word, said):
    assert texts.not_found(word).startswith(said)
    assert texts.ingredient_missed(word, (), ()).startswith(said)


def test_a_found_page_tells_its_place_and_count():
    page = Page(PRODUCTS[:5], 2, 12, 1_234)
    assert texts.found("", page) == "전체 제품 1,234개 · 2/12쪽"


@pytest.mark.parametrize("step", list(Step))
def test_every_question_tells_its_place(step):
    assert texts.question(step).startswith(f"{list(Step).index(step) + 1}/6")


def test_fixed_labels_are_short_enough_for_a_phone():
    names = list(vars(texts))
    labels = [getattr(texts, name) for name in names[names.index("OLD_ENOUGH") :]]
    fixed = [*labels[: labels.index(texts.RETRY) + 1], *texts.QUESTION_LABELS.values()]
    assert len(fixed) > 35
    assert all(len(label) <= 14 for label in fixed)


def test_short_sayings_keep_to_five_sentences():
    for text in (texts.GREETING, texts.TURNED_AWAY, texts.REFUSED, texts.GOODBYE, texts.MENU):
        assert len(re.findall(r"[.!?](?:\s|$)", text)) <= 5
