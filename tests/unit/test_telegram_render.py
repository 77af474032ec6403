"""Telegram's limits: what is too long is parted at a seam, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import texts
from bot.dialogue.model import Bubble, Button, Card, Menu, Open
from bot.telegram.render import bubbles, caption, split
from tests.builders import product

HOME = ((Button(texts.HOME, Open(Menu.HOME)),),)


def words(text: str) -> list[str]:
    return text.split()


@given(st.text("가나 \n", max_size=400), st.integers(5, 60))
def test_parts_fit_and_lose_no_letter(text: str, limit: int):
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert all(parts) or parts == ("",)
    assert "".join("".join(words(part)) for part in parts) == "".join(words(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("하나 둘\n\n셋 넷", ("하나 둘", "셋 넷")),
        ("하나 둘\n셋 넷", ("하나 둘", "셋 넷")),
        ("하나 둘셋넷", ("하나", "둘셋넷")),
        ("하나둘셋넷다섯", ("하나둘셋넷", "다섯")),
        ("하나\n\n둘 셋\n넷", ("하나", "둘 셋\n넷")),
        ("\n\n\n하나 둘셋넷\n\n", ("하나", "둘셋넷")),
        ("", ("",)),
    ],
)
def test_a_text_is_parted_at_paragraphs_then_lines_then_words(text: str, parts: tuple[str, ...]):
    assert split(text, 5) == parts


def test_the_buttons_stand_under_the_last_part():
    parted = bubbles(Bubble("\n\n".join(["가" * 3000] * 3), HOME))
    assert [keyboard is not None for _, keyboard in parted] == [False, False, True]


def test_a_caption_holds_the_name_and_the_rest_follows():
    head, *rest = caption(Card(product(name="이슬 크림"), "18,000원", "까닭이에요. " * 200))
    assert "이슬 크림" in head
    assert len(head) <= 1024
    assert rest


def test_what_the_bot_says_of_itself_fits_telegrams_limits():
    assert len(texts.DESCRIPTION) <= 512
    assert len(texts.SHORT_DESCRIPTION) <= 120
    for name, line in texts.COMMANDS:
        assert 1 <= len(name) <= 32
        assert 1 <= len(line) <= 256
