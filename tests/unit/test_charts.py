"""The picture of the statistics: drawn with the packaged fonts, which hold every word of it."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import matplotlib.image
import pytest
from matplotlib.font_manager import get_font

from bot import charts
from bot.charts import draw
from engine.domain import AgeBand, Concern, Gender, SkinType
from engine.drawing import BOLD, REGULAR, UNKNOWN, Sheet, drawable
from engine.figures import Counts, Figures, Liked, Stage, Survey, Week, guarded
from tests.builders import NOON

LONG = "아주 긴 브랜드 이름의 히알루론산 세라마이드 판테놀 나이트 리페어 크림 더블 기획 한정판 $5"


def counts(names, size: int) -> Counts[str]:
    return tuple((name.value, size * (place + 1)) for place, name in enumerate(names))


def figures(size: int = 10, title: str = "새벽숲 이슬 크림") -> Figures:
    """`size` people gave the first answer of each question."""
    by_concern = tuple((skin_type.value, counts(Concern, size)) for skin_type in SkinType)
    survey = Survey(
        size * 60,
        counts(SkinType, size * 3),
        counts(AgeBand, size),
        counts(Gender, size * 10),
        counts(Concern, size),
        by_concern,
    )
    monday = date(2026, 3, 2)
    weeks = [
        Week(monday - timedelta(weeks=back), size * back, size * 2, size) for back in range(12)
    ]
    funnel = tuple((stage, size * 100 // (place + 1)) for place, stage in enumerate(Stage))
    favourites = tuple((one.value, (Liked(title, size),)) for one in SkinType)
    return Figures(NOON, 30, survey, funnel, tuple(weeks[::-1]), favourites)


def words_drawn(given: Figures) -> list[tuple[str, bool]]:
    """Every text of the picture and whether it is bold."""
    drawn: list[tuple[str, bool]] = []

    class Noting(Sheet):
        def text(self, x: float, y: float, words: str, size: float = 26, **how: Any) -> None:
            drawn.append((words, how.get("bold", False)))
            super().text(x, y, words, size, **how)

    draw(given, Noting)
    return drawn


def missing(words: str, bold: bool) -> set[str]:
    known = get_font(str(BOLD if bold else REGULAR)).get_charmap()
    return {each for each in words if ord(each) not in known}


@pytest.mark.parametrize(
    "given",
    [
        figures(),
        figures(123_456),
        guarded(figures(1)),
        guarded(figures(100)),
        replace(figures(), days=None, survey=Survey()),
        Figures(NOON, 7),
        figures(title="漢方 시카 🌿 뷁\n크림"),
    ],
    ids=["some", "many", "few-guarded", "many-guarded", "no survey", "nothing", "strange names"],
)
def test_no_glyph_is_missing(given: Figures):
    drawn = words_drawn(given)
    assert drawn
    assert [(words, lacking) for words, bold in drawn if (lacking := missing(words, bold))] == []


def test_the_regular_font_has_every_syllable_and_the_bold_one_our_words():
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4)))
    enums = [one.value for names in (SkinType, AgeBand, Gender, Concern, Stage) for one in names]
    titles = [charts.TITLE, charts.FUNNEL, charts.WEEKS, charts.BY_CONCERN, charts.FAVOURITES]
    assert missing(syllables, bold=False) == set()
    assert missing("".join(enums), bold=False) == set()
    assert missing("".join([*titles, *enums]), bold=True) == set()


def test_a_glyph_that_is_missing_would_be_found():
    assert missing("뽀야미 🌿", bold=False) == {"🌿"}
    assert missing("뷁", bold=True) == {"뷁"}


def test_what_the_font_lacks_is_a_box_and_a_name_stands_on_one_line():
    assert drawable("漢 시카\n크림\t🌿") == f"{UNKNOWN} 시카 크림 {UNKNOWN}"


def test_the_picture_is_as_wide_as_a_phone_reads_it_and_no_taller_than_telegram_takes():
    picture = matplotlib.image.imread(BytesIO(draw(figures())))
    height, width, _ = picture.shape
    assert width == 1080
    assert 1_400 < height < 2_100


def test_a_long_name_is_cut_and_a_dollar_sign_is_no_formula():
    drawn = [words for words, _ in words_drawn(figures(title=LONG))]
    cut = [words for words in drawn if words.startswith("아주 긴")]
    assert cut
    assert all(words.endswith("…") for words in cut)


def test_a_public_picture_says_fewer_than_five_and_nothing_of_the_shop():
    drawn = [words for words, _ in words_drawn(guarded(figures(1)))]
    assert "5명 미만" in drawn
    assert charts.FUNNEL not in drawn
    assert charts.WEEKS not in drawn


def test_nothing_to_show_is_said():
    assert charts.EMPTY in [words for words, _ in words_drawn(Figures(NOON, 7))]


def test_other_figures_make_another_picture():
    assert draw(figures(10)) != draw(figures(11))
