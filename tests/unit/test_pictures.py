"""Signed addresses of pictures."""

import pytest

from bot.pictures import Pictures
from tests.builders import product

HERE = Pictures(b"a secret", "https://chat.example")
KEPT = product(id=7, picture="pictures/p007.png")
SHOPS = product(id=7, picture="https://shop.example/p7.jpg")


def signature(pictures: Pictures) -> str:
    path = pictures.path(KEPT)
    assert path is not None
    head, _, found = path.partition("?s=")
    assert head == "/image/7"
    return found


def test_a_messenger_gets_the_picture_at_the_public_address():
    assert HERE.address(KEPT) == f"https://chat.example{HERE.path(KEPT)}"


def test_a_picture_at_the_shops_own_address_is_used_as_it_is_and_not_by_the_page():
    assert HERE.address(SHOPS) == "https://shop.example/p7.jpg"
    assert Pictures(b"a secret").address(SHOPS) == "https://shop.example/p7.jpg"
    assert HERE.path(SHOPS) is None


@pytest.mark.parametrize("picture", [None, "", "data:image/png,x", "javascript:alert(1)"])
def test_what_is_no_picture_has_no_address(picture: str | None):
    assert HERE.path(product(picture=picture)) is None
    assert HERE.address(product(picture=picture)) is None


def test_without_a_public_address_only_the_page_shows_it():
    assert Pictures(b"a secret").address(KEPT) is None
    assert Pictures(b"a secret").path(KEPT) == HERE.path(KEPT)


def test_a_signature_is_good_for_one_product_one_file_and_one_house():
    right = signature(HERE)
    assert HERE.signed(7, "p007.png", right)
    assert not HERE.signed(8, "p007.png", right)
    assert not HERE.signed(7, "p008.png", right)
    assert not Pictures(b"another secret").signed(7, "p007.png", right)


@pytest.mark.parametrize("wrong", ["", "가나다", "\udcff", "A" * 16, "A" * 10_000])
def test_nonsense_is_no_signature(wrong: str):
    assert not HERE.signed(7, "p007.png", wrong)
