import csv
from pathlib import Path

import pytest

from engine.parsing.profanity import is_profane
from training.cleaning import is_profane as is_kept_out

SEED = Path(__file__).parents[2] / "data" / "seed"


@pytest.mark.parametrize(
    "text",
    [
        "시발",
        "시1발 뭐야",
        "시.발",
        "시이발",
        "씨 발",
        "ㅅ1ㅂ",
        "ㅅㅣ발",
        "ㅅㅣㅂㅏㄹ",
        "ㅆㅂ",
        "병.신 같은",
        "개 새 끼",
        "존나 별로",
        "좆같네",
        "미친년",
        "빡대가리야",
        "짱깨 제품",
        "What the FUCK",
        "씨발",
    ],
)
def test_curses_are_read_however_they_are_written(text: str) -> None:
    assert is_profane(text)
    assert is_kept_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "다시 발라요",
        "다시발라도 좋아요",
        "역시 발림성이 좋아요",
        "출시 발표",
        "시발점",
        "오전 9시 발송",
        "3시, 발송",
        "다시 1번 발라요",
        "새끼손가락만큼",
        "아직 써 보지 않았어요",
        "볼이 꺼져 보여요",
        "미친 보습력",
        "18호",
        "보리씨발효추출물",
        "락토바실러스/연꽃씨발효추출물이 뭐예요?",
        "하이드록시팔미토일스핑가닌",
        "등신대 이벤트",
    ],
)
def test_what_only_looks_like_a_curse_is_none(text: str) -> None:
    assert not is_profane(text)
    assert not is_kept_out(text)


def test_no_review_or_product_of_the_seed_is_profane() -> None:
    for name in ("reviews", "products", "ingredients", "faq"):
        with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row}
        assert [cell for cell in cells if is_profane(cell)] == []
