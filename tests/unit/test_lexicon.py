"""Labels find the dictionary: by which way, and never by a slip that is none."""

import csv
import random
import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.korean import squeeze
from ingest import lexicon
from ingest.lexicon import Lexicon, Way
from tests.running import ROOT

DICTIONARY = ROOT.parent / "shared" / "data" / "ingredients" / "kcia_names_eu_functions.csv"


def ingredients(*rows: tuple[str, str | None, tuple[str, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["name", "inci", "aliases"], dtype=object)
    return frame.assign(roles=pd.Series([()] * len(frame), index=frame.index, dtype=object))


SMALL = ingredients(
    ("글리세린", "Glycerin", ("글리세롤", "1,2,3-Propanetriol")),
    ("본블랙", "CI 77267", ("본차콜",)),
    ("토코페릴아세테이트", "Tocopheryl Acetate", ("Vitamin E Acetate",)),
    ("나이아신아마이드", "Niacinamide", ()),
    ("메틸파라벤", "Methylparaben", ()),
    ("폴리소르베이트20", "Polysorbate 20", ()),
    ("녹차추출물", None, ()),
    ("스쿠알란", None, ()),
    ("잎", None, ()),
)


@pytest.mark.parametrize(
    ("label", "name", "way"),
    [
        ("글리세린", "글리세린", Way.NAME),
        ("글리 세린", "글리세린", Way.NAME),
        ("본차콜", "본블랙", Way.OLD),
        ("GLYCERIN", "글리세린", Way.INCI),
        ("vitamin e acetate", "토코페릴아세테이트", Way.SYNONYM),
        ("토코페롤아세테이트", "토코페릴아세테이트", Way.SLIP),
        ("나이아신아아마이드", "나이아신아마이드", Way.SLIP),
        ("나이아신마이드", "나이아신아마이드", Way.SLIP),
    ],
)
def test_each_way_to_an_ingredient(label: str, name: str, way: Way) -> None:
    assert Lexicon.of(SMALL).find(label) == (name, way)


@pytest.mark.parametrize(
    "label",
    [
        "에틸파라벤",  # another substance, not a slip of 메틸파라벤
        "폴리소르베이트80",
        "폴리소르베이트2",
        "녹차씨추출물",
        "스쿠알렌",
        "잎수",
        "입",
        "물녹차추출물",
    ],
)
def test_what_is_another_substance_or_too_short_is_no_slip(label: str) -> None:
    assert Lexicon.of(SMALL).find(label) == (label, Way.NONE)


def test_a_slip_between_two_ingredients_matches_neither() -> None:
    found = Lexicon.of(ingredients(("가나다라마", None, ()), ("가나다라바", None, ())))
    assert found.find("가나다라하") == ("가나다라하", Way.NONE)


def test_an_inci_name_comes_before_a_latin_synonym_and_after_an_old_name() -> None:
    found = Lexicon.of(
        ingredients(
            ("가", "Dew", ()), ("나", None, ("Dew",)), ("다", None, ("라",)), ("마", "라", ())
        )
    )
    assert found.find("dew") == ("가", Way.INCI)
    assert found.find("라") == ("다", Way.OLD)


def test_shares_are_told_by_file_and_way_and_the_unmatched_with_their_counts() -> None:
    found = Lexicon.of(SMALL)
    labels = [("글리세린", "본차콜", "새것"), ("새것",), ("GLYCERIN", "토코페롤아세테이트")]
    assert [(one.file, one.ways) for one in lexicon.shares(["a", "a", "b"], labels, found)] == [
        ("a", {"표준명": 1, "옛이름": 1, "못 찾음": 2}),
        ("b", {"INCI명": 1, "한 글자 차이": 1}),
    ]
    assert lexicon.unmatched(labels, found).to_numpy().tolist() == [
        ["새것", 2, "", "못 찾음"],
        ["토코페롤아세테이트", 1, "토코페릴아세테이트", "한 글자 차이"],
    ]


def test_names_that_only_labels_told_are_no_dictionary() -> None:
    told = ingredients(("글리세린", "Glycerin", ()), ("글리세닌", None, ()))
    assert list(lexicon.told(told)["name"]) == ["글리세린"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*SMALL["name"], "본차콜", "글리세닌", "새것"]), max_size=6))
def test_matching_a_matched_label_changes_nothing_and_loses_no_unknown(names: list[str]) -> None:
    found = Lexicon.of(SMALL)
    once = lexicon.renamed([tuple(names)], found)
    assert lexicon.renamed(once, found) == once
    assert ("새것" in once[0]) == ("새것" in names)


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    if not DICTIONARY.exists():
        pytest.skip("../shared/data is absent: no dictionary of 21,796 names")
    with DICTIONARY.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return ingredients(
        *(
            (row["name_ko"], row["inci_name"], (row["old_name_ko"],) if row["old_name_ko"] else ())
            for row in rows
        )
    ).drop_duplicates("name", ignore_index=True)


def test_a_real_name_that_a_dictionary_lacks_is_seldom_taken_for_another(
    real: pd.DataFrame,
) -> None:
    """Each tenth name is left out; what it is taken for is wrong, whatever it is."""
    left_out = real.index % 10 == 3
    found = Lexicon.of(real[~left_out])
    names = list(real.loc[left_out, "name"])
    taken = [(name, *found.find(name)) for name in names]
    wrong = [(name, other) for name, other, way in taken if way is Way.SLIP]
    print(len(names), len(wrong), wrong[:40])
    assert len(wrong) <= 0.01 * len(names)


def test_a_slip_of_one_letter_in_a_real_name_is_mended(real: pd.DataFrame) -> None:
    found, chance = Lexicon.of(real), random.Random(8)
    keys = {squeeze(name) for name in real["name"]}
    slips = [
        (slip, name)
        for name in chance.sample(sorted(name for name in real["name"] if len(name) > 4), 400)
        if squeeze(slip := slipped(name, chance)) not in keys
    ]
    taken = [(found.find(slip)[0], name) for slip, name in slips]
    right = sum(one == name for one, name in taken)
    wrong = [
        pair for slip, pair in zip(slips, taken, strict=True) if pair[0] not in (slip[0], pair[1])
    ]
    print(len(slips), right, wrong)
    assert right >= 0.9 * len(slips)
    assert len(wrong) <= 0.01 * len(slips)


def slipped(name: str, chance: random.Random) -> str:
    """One vowel of the name is another one."""
    places = [at for at, letter in enumerate(name) if "가" <= letter <= "힣"]
    if not places:
        return name
    at = chance.choice(places)
    letters = list(unicodedata.normalize("NFD", name[at]))
    letters[1] = chr(0x1161 + chance.randrange(21))
    return name[:at] + unicodedata.normalize("NFC", "".join(letters)) + name[at + 1 :]
