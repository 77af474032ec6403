from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import likeness

TEXTS = st.lists(st.text(alphabet="가나다라마", min_size=3, max_size=12), max_size=30)
LONG = "겨울만되면볼이하얗게일어나서로션을바꿔봤는데저녁에바르고자면아침까지당김이없어요"


def one_by_one(texts: Sequence[str], at_least: float) -> set[int]:
    """Places of those alike to an earlier one that stays, by comparing all with all."""
    staying: list[str] = []
    found = set()
    for place, text in enumerate(texts):
        if any(likeness.likeness(text, other) >= at_least for other in staying):
            found.add(place)
        else:
            staying.append(text)
    return found


def test_blanks_signs_emoji_case_and_lone_letters_do_not_count() -> None:
    assert likeness.letters("촉촉해요!! ㅎㅎ ♥ SPF_50") == "촉촉해요spf50"
    assert likeness.letters("촉촉해요") == likeness.letters("촉촉해요")


def test_likeness_is_jaccards() -> None:
    assert likeness.likeness("가나다라", "가나다라") == 1
    assert likeness.likeness("가나다라", "가나다마") == pytest.approx(
        1 / 3
    )  # 가나다; 나다라, 나다마
    assert likeness.likeness("가나다라", "마바사아") == 0


def test_signatures_are_those_of_datasketch() -> None:
    minhash = pytest.importorskip("datasketch", reason="extra dev is not installed").MinHash
    texts = ["촉촉하고순해요", "abc", LONG, LONG[5:], "가가가가"]
    for text, row in zip(texts, likeness.signatures(texts), strict=True):
        known = minhash(
            num_perm=likeness.BANDS * likeness.ROWS,
            seed=likeness.SEED,
            hashfunc=likeness.gram_hash,
        )
        known.update_batch(likeness.grams(text))
        assert (known.hashvalues == row).all()


def test_a_text_is_alike_to_the_earlier_one_that_stays() -> None:
    found = likeness.repeated([LONG, LONG[::-1], LONG + "좋아", LONG[2:]], 0.7)
    assert {place: alike.place for place, alike in found.items()} == {2: 0, 3: 0}
    assert found[2].likeness == pytest.approx(likeness.likeness(LONG, LONG + "좋아"))


def test_what_is_only_alike_to_a_text_that_goes_stays() -> None:
    texts = [LONG, LONG[4:], LONG[8:]]
    alike = [likeness.likeness(*pair) for pair in pairwise(texts)]
    assert min(alike) >= 0.8 > likeness.likeness(texts[0], texts[2])
    assert set(likeness.repeated(texts, 0.8)) == {1}


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_nothing_goes_that_is_not_alike_and_what_is_the_same_always_goes(texts: list[str]) -> None:
    found = likeness.repeated(texts, 0.7)
    for place, alike in found.items():
        assert alike.place < place
        assert alike.place not in found
        assert alike.likeness == likeness.likeness(texts[alike.place], texts[place]) >= 0.7
    assert len({text for place, text in enumerate(texts) if place not in found}) == len(
        texts
    ) - len(found)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_nearly_everything_is_found_that_comparing_all_with_all_finds(texts: list[str]) -> None:
    # A pair at the very threshold meets with 99.6 %: one miss in a list may make another text stay.
    found, known = set(likeness.repeated(texts, 0.7)), one_by_one(texts, 0.7)
    assert len(found ^ known) <= 1


def test_parts_of_many_texts_are_hashed_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [LONG[at : at + 12] for at in range(20)]
    whole = likeness.banded(texts)
    monkeypatch.setattr(likeness, "_AT_ONCE", 3)
    assert (likeness.banded(texts) == whole).all()
    assert (likeness.banded(texts[7:8])[0] == whole[7]).all()


def test_no_text_has_nothing_alike() -> None:
    assert likeness.repeated([], 0.7) == {}
