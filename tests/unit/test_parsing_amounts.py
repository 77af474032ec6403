"""How much is in a package, and what ten of it cost."""

import pytest

from engine.parsing.amounts import Amount, amount, price_of_ten


@pytest.mark.parametrize(
    ("volume", "held"),
    [
        ("80ml", Amount(80, "ml")),
        ("80 mL", Amount(80, "ml")),
        ("1.5L", Amount(1500, "ml")),
        ("50g", Amount(50, "g")),
        ("1,000ml", Amount(1000, "ml")),
        ("18ml*4매", Amount(72, "ml")),
        ("3x100g", Amount(300, "g")),
        ("50ml+30ml*2", Amount(110, "ml")),
        (None, None),
        ("", None),
        ("1매", None),
        ("5ea", None),
        ("30g+3ml", None),
        ("0ml", None),
        ("큰 병", None),
    ],
)
def test_an_amount_is_read_or_not_told(volume: str | None, held: Amount | None) -> None:
    assert amount(volume) == held


def test_ten_of_it_cost_a_tenth_of_a_hundred() -> None:
    assert price_of_ten(12_500, "100ml") == (1_250, "ml")
    assert price_of_ten(20_000, "15g*2") == (6_667, "g")
    assert price_of_ten(0, "100ml") == (0, "ml")


def test_without_a_price_or_an_amount_there_is_none() -> None:
    assert price_of_ten(None, "100ml") is None
    assert price_of_ten(12_500, None) is None
