"""What leaves the shop's admins: groups of five or more only."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.figures import FEWEST, Counts, Figures, Liked, Stage, Survey, Verdict, Week, guarded
from tests.builders import NOON

NAMES = ("건성", "지성", "복합성")
NUMBERS = st.lists(st.integers(0, 30), min_size=len(NAMES), max_size=len(NAMES))
COUNTS: st.SearchStrategy[Counts[str]] = NUMBERS.map(
    lambda numbers: tuple(zip(NAMES, numbers, strict=True))
)
SHOPS_OWN = Figures(
    NOON,
    30,
    Survey(12, skin_types=(("건성", 8), ("지성", 4)), by_age=(("건성", (("20대", 8),)),)),
    funnel=((Stage.ARRIVED, 40),),
    weeks=(Week(date(2026, 3, 2), 40, 9, 3),),
    favourites=(("건성", (Liked("크림", 5), Liked("로션", 4))), ("지성", (Liked("토너", 4),))),
    in_vain=(("달팽이", 3),),
    products=(Verdict("크림", 3, 1),),
    answers=Verdict("", 1, 1),
    campaigns=(("spring", 9),),
)


def test_a_group_of_four_is_not_counted_and_one_of_five_is():
    told = guarded(replace(SHOPS_OWN, survey=Survey(12, skin_types=(("건성", 5), ("지성", 4)))))
    assert told.survey.skin_types == (("건성", 5), ("지성", None))


def test_nothing_of_the_shops_own_business_leaves():
    told = guarded(SHOPS_OWN)
    assert replace(told, survey=Survey(), favourites=()) == Figures(NOON, 30)
    assert told.survey.by_age == ()


def test_a_favourite_of_fewer_than_five_is_not_told():
    assert guarded(SHOPS_OWN).favourites == (("건성", (Liked("크림", 5),)),)


def test_of_fewer_than_five_people_there_is_no_survey():
    told = guarded(replace(SHOPS_OWN, survey=Survey(4, skin_types=(("건성", 4),))))
    assert told.survey == Survey()


def test_the_number_of_all_is_rounded_down_so_that_no_difference_tells_of_a_small_group():
    assert [guarded(replace(SHOPS_OWN, survey=Survey(n))).survey.people for n in (5, 12, 139)] == [
        5,
        10,
        130,
    ]


@given(COUNTS, COUNTS)
def test_no_small_number_survives(answers: Counts[str], concerns: Counts[str]):
    people = sum(count or 0 for _, count in answers)
    survey = Survey(people, answers, answers, answers, concerns, (("건성", concerns),))
    told = guarded(Figures(NOON, None, survey)).survey
    crossed = [counts for _, counts in told.by_concern]
    shown = (told.skin_types, told.age_bands, told.genders, told.concerns, *crossed)
    assert all(count is None or count >= FEWEST for counts in shown for _, count in counts)
