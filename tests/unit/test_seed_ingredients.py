"""The seed's ingredients against the Korean dictionary and the EU annexes in ../shared/data."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "data" / "seed" / "ingredients.csv"
SHARED = ROOT.parent / "shared" / "data" / "ingredients"
DICTIONARY = SHARED / "kcia_names_eu_functions.csv"

Row = dict[str, str]

ROLES: dict[str, frozenset[str]] = {
    "각질제거제": frozenset({"Keratolytic", "Exfoliating"}),
    "결합제": frozenset({"Binding"}),
    "계면활성제": frozenset({"Surfactant - Cleansing", "Cleansing"}),
    "광안정제": frozenset({"Light Stabilizer"}),
    "미백제": frozenset({"Bleaching"}),
    "보습제": frozenset({"Humectant", "Moisturising", "Skin Conditioning - Humectant"}),
    "보존제": frozenset({"Preservative"}),
    "불투명화제": frozenset({"Opacifying"}),
    "산화방지제": frozenset({"Antioxidant"}),
    "소포제": frozenset({"Antifoaming"}),
    "수렴제": frozenset({"Astringent"}),
    "용제": frozenset({"Solvent"}),
    "유연제": frozenset({"Skin Conditioning - Emollient"}),
    "유화안정제": frozenset({"Emulsion Stabilising"}),
    "유화제": frozenset({"Surfactant - Emulsifying"}),
    "자외선차단제": frozenset({"Uv Filter"}),
    "자외선흡수제": frozenset({"Uv Absorber"}),
    "점증제": frozenset({"Viscosity Controlling", "Gel Forming"}),
    "증량제": frozenset({"Bulking"}),
    "진정제": frozenset({"Soothing"}),
    "착색제": frozenset({"Colorant"}),
    "착향제": frozenset({"Fragrance", "Perfuming"}),
    "청량제": frozenset({"Refreshing"}),
    "킬레이트제": frozenset({"Chelating"}),
    "탈취제": frozenset({"Deodorant"}),
    "피막형성제": frozenset({"Film Forming"}),
    "피부결개선제": frozenset({"Smoothing"}),
    "피부보호제": frozenset({"Skin Protecting"}),
    "피부컨디셔닝제": frozenset({"Skin Conditioning", "Skin Conditioning - Miscellaneous"}),
    "피지조절제": frozenset({"Anti-Sebum", "Anti-Seborrheic"}),
    "항균제": frozenset({"Antimicrobial"}),
    "헤어컨디셔닝제": frozenset({"Hair Conditioning"}),
    "환원제": frozenset({"Reducing"}),
    "흡수제": frozenset({"Absorbent"}),
    "pH조절제": frozenset({"Buffering", "Ph Adjusters"}),
}
"""배합목적 and the EU functions that each stands for."""

ORIGINS = frozenset(
    {
        "광물",
        "동물",
        "물",
        "미생물 발효",
        "버섯",
        "석유",
        "식물",
        "식물 유래 가공",
        "식물·동물",
        "식물·합성",
        "합성",
        "해조류",
    }
)
COLUMNS = ["name", "inci", "cas", "roles", "origin", "definition", "limits", "aliases"]
CAS = re.compile(r"(?<!\d)\d{2,7}-\d{2}-\d(?!\d)")
WORDS_IN_SEQUENCE = 5
NOT_MEANT: dict[str, set[str]] = {
    # The colours are named there as hair dyes; the oils of rose flowers share their CAS numbers
    # with rose water and rose hip oil.
    "III": {"다마스크장미꽃수", "로즈힙열매오일", "적색40호", "청색1호", "황색4호"},
    "IV": set(),
    # Entry 59 is citric acid together with its silver salt.
    "V": {"시트릭애씨드"},
    "VI": set(),
}
"""Ingredients whose CAS number an annex lists for another substance or another use."""


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


@pytest.fixture(scope="module")
def seed() -> list[Row]:
    return rows_of(SEED)


@pytest.fixture(scope="module")
def dictionary() -> dict[str, Row]:
    if not DICTIONARY.exists():
        pytest.skip("../shared/data is absent: no ingredient dictionary to compare with")
    return {row["name_ko"].strip(): row for row in rows_of(DICTIONARY)}


def annex(number: str) -> list[Row]:
    path = SHARED / f"eu_annex_{number}.csv"
    if not path.exists():
        pytest.skip("../shared/data is absent: no EU annexes to compare with")
    return rows_of(path)


def text_of(row: Row) -> str:
    """The whole annex row: some of its lines are shifted by a column, so none is trusted."""
    return " ; ".join(value for value in row.values() if value)


def says(row: Row, ingredient: Row) -> bool:
    """Whether an annex row speaks of the ingredient, by CAS number or by its INCI name."""
    inci = re.sub(r" \([^)]*\)", "", ingredient["inci"])
    text = text_of(row)
    if ingredient["cas"] and ingredient["cas"] in text:
        return ingredient["cas"] in CAS.findall(text)
    listed = rf"(?:^|[;,/]\s*){re.escape(inci)}\s*(?:$|[;,/])"
    return inci.lower() in text.lower() and re.search(listed, text, re.I) is not None


def shares(text: str) -> set[float]:
    """The percentages that a text names."""
    return {float(number) for number in re.findall(r"(\d+(?:\.\d+)?)\s?%", text)}


def cas_is_valid(cas: str) -> bool:
    """The last digit of a CAS number is the sum of its digits, weighted from the right, mod 10."""
    digits = cas.replace("-", "")
    weighted = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), 1))
    return weighted % 10 == int(digits[-1])


def test_the_columns_are_those_that_ingest_reads(seed: list[Row]) -> None:
    assert list(seed[0]) == COLUMNS


def test_there_are_at_least_three_hundred_ingredients_in_order(seed: list[Row]) -> None:
    names = [row["name"] for row in seed]
    assert len(names) >= 300
    assert names == sorted(set(names))


def test_no_cell_has_stray_space_or_line_breaks(seed: list[Row]) -> None:
    assert b"\r" not in SEED.read_bytes()
    assert [r["name"] for r in seed if any(v != " ".join(v.split()) for v in r.values())] == []


def test_every_ingredient_has_inci_roles_origin_and_definition(seed: list[Row]) -> None:
    needed = ("inci", "roles", "origin", "definition")
    assert [row["name"] for row in seed if not all(row[column] for column in needed)] == []


def test_every_cas_number_has_its_check_digit(seed: list[Row]) -> None:
    wrong = [row["name"] for row in seed if row["cas"] and not cas_is_valid(row["cas"])]
    assert wrong == []


def test_roles_and_origins_come_from_one_vocabulary(seed: list[Row]) -> None:
    assert {role for row in seed for role in parts(row["roles"])} == set(ROLES)
    assert {row["origin"] for row in seed} == ORIGINS
    assert [r["name"] for r in seed if len(set(parts(r["roles"]))) != len(parts(r["roles"]))] == []


def test_an_alias_belongs_to_one_ingredient_only(seed: list[Row]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in seed:
        for word in (row["name"], *parts(row["aliases"])):
            owners[re.sub(r"[\s-]", "", word).casefold()].add(row["name"])
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}
    names = {row["name"] for row in seed}
    assert [a for row in seed for a in parts(row["aliases"]) if a in names] == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("비타민C", "아스코빅애씨드"),
        ("히알루론산", "하이알루로닉애씨드"),
        ("시카", "병풀추출물"),
        ("알코올", "에탄올"),
        ("티트리", "티트리잎오일"),
        ("위치하젤수", "버지니아풍년화수"),
    ],
)
def test_what_people_type_is_an_alias(seed: list[Row], typed: str, name: str) -> None:
    assert [row["name"] for row in seed if typed in parts(row["aliases"])] == [name]


def test_definitions_are_polite_sentences(seed: list[Row]) -> None:
    sentence = re.compile(r"[^.]+요\.")
    odd = [
        row["name"]
        for row in seed
        if not all(sentence.fullmatch(part) for part in re.split(r"(?<=요\.) ", row["definition"]))
    ]
    assert odd == []


def test_definitions_promise_no_cure(seed: list[Row]) -> None:
    medical = re.compile("치료|완치|항염|살균|재생|낫게|효능")
    assert [row["name"] for row in seed if medical.search(row["definition"])] == []


def test_no_five_words_recur_in_more_than_three_definitions(seed: list[Row]) -> None:
    homes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in seed:
        words = row["definition"].split()
        for start in range(len(words) - WORDS_IN_SEQUENCE + 1):
            homes[tuple(words[start : start + WORDS_IN_SEQUENCE])].add(row["name"])
    assert {words: names for words, names in homes.items() if len(names) > 3} == {}


def test_names_inci_and_cas_agree_with_the_dictionary(
    seed: list[Row], dictionary: dict[str, Row]
) -> None:
    for row in seed:
        known = dictionary[row["name"]]
        assert row["inci"] == known["inci_name"].strip(), row["name"]
        listed = CAS.findall(f"{known['cas_kcia']} {known['cas_eu']}")
        assert row["cas"] in listed if listed else not row["cas"], row["name"]


def test_no_alias_is_the_standard_name_of_another_substance(
    seed: list[Row], dictionary: dict[str, Row]
) -> None:
    taken = [
        alias
        for row in seed
        for alias in parts(row["aliases"])
        if alias in dictionary and dictionary[alias]["inci_name"].strip() != row["inci"]
    ]
    assert taken == []


def test_roles_agree_with_the_eu_functions_for_95_percent(
    seed: list[Row], dictionary: dict[str, Row]
) -> None:
    agreeing: list[str] = []
    differing: list[str] = []
    for row in seed:
        functions = {f.strip() for f in dictionary[row["name"]]["function_eu"].split(",")} - {""}
        if functions:
            agree = all(ROLES[role] & functions for role in parts(row["roles"]))
            (agreeing if agree else differing).append(row["name"])
    assert len(agreeing) > 250
    assert len(agreeing) >= 0.95 * (len(agreeing) + len(differing)), differing


def test_the_stated_annexes_hold_the_ingredient_and_its_percentages(seed: list[Row]) -> None:
    annexes = {number: annex(number) for number in ("II", "III", "IV", "V", "VI")}
    limited = [row for row in seed if row["limits"]]
    assert len(limited) > 50
    for row in limited:
        stated = re.findall(r"부속서 ([IV]+)\)", row["limits"])
        found = {n: [entry for entry in annexes[n] if says(entry, row)] for n in stated}
        assert found, row["name"]
        assert all(found.values()), row["name"]
        text = " ".join(text_of(entry) for entries in found.values() for entry in entries)
        allowed = shares(text.replace(",", "."))
        assert shares(row["limits"]) <= allowed, row["name"]


@pytest.mark.parametrize("number", ["III", "IV", "V", "VI"])
def test_an_ingredient_of_an_annex_says_so(seed: list[Row], number: str) -> None:
    numbers = {cas for entry in annex(number) for cas in CAS.findall(entry["cas_number"] or "")}
    silent = {
        row["name"]
        for row in seed
        if row["cas"] in numbers and f"부속서 {number})" not in row["limits"]
    }
    assert silent == NOT_MEANT[number]


def test_nothing_banned_outright_is_in_the_seed(seed: list[Row]) -> None:
    """Annex II names petrolatum too, but allows it with a known refining history."""
    numbers = {cas for entry in annex("II") for cas in CAS.findall(entry["cas_number"] or "")}
    banned = {row["name"] for row in seed if row["cas"] in numbers}
    assert banned == {"페트롤라툼"}
    assert "부속서 II)" in next(r["limits"] for r in seed if r["name"] == "페트롤라툼")
