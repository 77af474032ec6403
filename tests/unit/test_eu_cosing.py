"""Annexes in CosIng's form. The rows are facts of Regulation (EC) No 1223/2009 or made up."""

import csv
import io
from collections.abc import Mapping

import pandas as pd
import pytest

from ingest.errors import InputRefused
from ingest.sources import eu_cosing as eu
from ingest.sources.eu_annexes import Annex, Entry, parsed
from ingest.sources.eu_wording import Terms, ban, rule

_LEFT = ["reference_number", "inn", "common_ingredients", "cas_number", "ec_number"]
_RIGHT = ["regulation", "regulated_by", "other_regulations", "sccs_opinions", "chemical_name"]
_TERMS = ["product_type", "maximum_concentration", "other", "wording_of_conditions"]
HEADINGS = [*_LEFT, *_TERMS, *_RIGHT, "identified_ingredients", "cmr", "update_date"]
COLOURS = [
    *HEADINGS[:2],
    "colour_index_number",
    "cas_number",
    "ec_number",
    "colour",
    *HEADINGS[5:],
]
PHENOXY = {
    "number": "29",
    "name": "2-Phenoxyethanol",
    "common": "PHENOXYETHANOL",
    "cas": "122-99-6",
    "most": "1.0%",
}


def cells(row: Mapping[str, str]) -> list[str]:
    """A row as the export writes it: a cell fewer than there are headings."""
    told = {
        "number": "1",
        "name": "",
        "common": "",
        "cas": "-",
        "ec": "-",
        "uses": "",
        "most": "",
        "other": "",
        "wording": "",
        "regulation": "(EC) 2009/1223",
        "by": "",
        "opinions": "",
        "chemical": "",
        "identified": "",
        "cmr": "",
        "date": "16/10/2010",
    }
    return [*(told | dict(row)).values()]


def table(headings: list[str], *rows: list[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([headings, *rows])
    return file.getvalue()


def entries(annex: str, *rows: Mapping[str, str]) -> tuple[Entry, ...]:
    headings = [h for h in HEADINGS if annex != "II" or h not in _NOT_IN_II]
    kept = [cells(row) for row in rows]
    if annex == "II":
        kept = [[*row[:2], *row[3:5], *row[9:]] for row in kept]
    return parsed(f"eu_annex_{annex}.csv", table(headings, *kept))


_NOT_IN_II = {"common_ingredients", *HEADINGS[5:9]}


def dictionary(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """name, INCI, CAS."""
    return pd.DataFrame(
        [
            {"name": n, "inci": i or None, "cas": c or None, "roles": (), "limits": None}
            for n, i, c in rows
        ],
        dtype=object,
    )


def joined(ingredients: pd.DataFrame, *found: tuple[Entry, ...]) -> pd.DataFrame:
    return eu.annexed(ingredients, [entry for one in found for entry in one])


def told(annex: str, row: Mapping[str, str], inci: str, cas: str = "") -> str | None:
    limits: str | None = joined(dictionary(("성분", inci, cas)), entries(annex, row))[
        "limits"
    ].iloc[0]
    return limits


# --- reading --------------------------------------------------------------------------------------


def test_cells_stand_under_their_headings_though_the_export_has_one_heading_too_many():
    (entry,) = entries("V", PHENOXY | {"identified": "PHENOXYETHANOL"})
    assert (entry.annex, entry.number) == (Annex.PRESERVATIVES, "29")
    assert entry.cas == frozenset({"122-99-6"})
    assert (entry.common, entry.identified) == ("PHENOXYETHANOL", "PHENOXYETHANOL")


def test_in_annex_iv_the_empty_column_is_passed():
    row = [
        "9",
        "Salz",
        "CI 12085",
        "2814-77-9",
        "-",
        "Red",
        "",
        "Rinse-off products",
        "3%",
        "Purity criteria",
        "(EC) 2009/1223",
        "",
        "",
        "",
        "CI 12085",
        "",
        "14/08/2020",
    ]
    (entry,) = parsed("eu_annex_IV.csv", table(COLOURS, row))
    assert entry.terms == Terms("Rinse-off products", "3%", "Purity criteria", "")


def test_the_headings_and_the_lines_above_of_cosings_own_download_are_read():
    headings = [
        "Reference Number",
        "Chemical name / INN",
        "Name of Common Ingredients Glossary",
        "CAS Number",
        "EC Number",
        "Product Type, body parts",
        "Maximum concentration in ready for use preparation",
        "Other",
        "Wording of conditions and warnings",
        "Regulation",
        "Other Directives/Regulations",
        "SCCS opinions",
        "Chemical/IUPAC Name",
        "Identified INGREDIENTS or substances e.g.",
        "CMR",
        "Update Date",
    ]
    text = "File creation date: 01/02/2026\n\n" + table(headings, cells(PHENOXY))
    (entry,) = parsed("COSING_Annex_V_v2.csv", text)
    assert (entry.common, entry.terms.most) == ("PHENOXYETHANOL", "1.0%")


def test_what_was_moved_or_deleted_is_no_entry():
    assert entries("V", {"name": "Moved or deleted"}, PHENOXY) == entries("V", PHENOXY)


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("cosing.csv", "", "annex_II"),
        ("annex_VII.csv", "", "annex_II"),
        ("annex_V.csv", "a,b\n1,2\n", "Reference Number"),
        ("annex_V.csv", table(["reference_number", "inn"], ["1", "a"]), "«cas_number»"),
        ("annex_V.csv", table([*HEADINGS, "x"], ["1"] * 18), "2번째 줄.*«1»"),
    ],
)
def test_what_is_no_annex_is_refused_in_a_sentence(file: str, text: str, why: str):
    with pytest.raises(InputRefused, match=why):
        parsed(file, text)


# --- joining --------------------------------------------------------------------------------------


def test_an_ingredient_is_joined_by_its_inci_name_whatever_its_spelling():
    for inci in ("Phenoxyethanol", "PHENOXY­ETHANOL", " phenoxyethanol "):
        assert told("V", PHENOXY, inci) == "EU 보존제(부속서 V): 최대 1.0 %"
    assert told("V", PHENOXY, "Phenoxyethanols") is None


def test_a_plants_common_name_in_brackets_is_passed_over():
    row = {"name": "Lavender oil", "identified": "LAVANDULA ANGUSTIFOLIA OIL", "most": "1%"}
    assert told("III", row, "Lavandula Angustifolia (Lavender) Oil")


@pytest.mark.parametrize("inci", ["1,2-Hexanediol", "Zinc PCA", "Sodium Propionate", "A/B Polymer"])
def test_names_that_hold_the_marks_between_names_are_whole(inci: str):
    row = {
        "name": "Salts",
        "most": "1%",
        "identified": "ZINC PCA,1,2-HEXANEDIOL,A/B POLYMER,SODIUM PROPIONATE",
    }
    assert told("III", row, inci)


def test_a_part_of_a_name_is_no_name():
    row = {"name": "Selenium", "identified": "SACCHAROMYCES/ZINC/CALCIUM FERMENT"}
    assert told("III", row, "Zinc") is None


def test_each_name_of_a_cell_is_joined():
    row = PHENOXY | {"name": "Esters", "common": "BUTYLPARABEN/PROPYLPARABEN; METHYLPARABEN (1)"}
    found = joined(
        dictionary(
            ("가", "Butylparaben", ""),
            ("나", "Propylparaben", ""),
            ("다", "Methylparaben", ""),
            ("라", "Ethylparaben", ""),
        ),
        entries("V", row),
    )
    assert found["eu_joined"].tolist() == [eu.BY_NAME] * 3 + [""]
    assert found["roles"].tolist() == [("보존제",)] * 3 + [()]


def test_a_substance_of_another_name_is_joined_by_cas():
    found = joined(dictionary(("가", "Phenoxytol", "122-99-6")), entries("V", PHENOXY))
    assert found["eu_joined"].tolist() == [eu.BY_CAS]


@pytest.mark.parametrize(
    ("inci", "cas"),
    [
        ("Rosa Flower Extract", "122-99-6"),  # one CAS for all that is made of a plant
        ("Phenoxytol", "122-99-6, 50-00-0"),  # the row speaks of a part of it
        ("Phenoxytol", ""),
    ],
)
def test_a_cas_that_says_too_little_joins_nothing(inci: str, cas: str):
    assert told("V", PHENOXY, inci, cas) is None


def test_rows_without_a_cas_are_not_joined_to_ingredients_without_one():
    assert told("V", {"name": "Something else", "cas": "-"}, "Phenoxytol", "-") is None


def test_a_cas_of_two_ingredients_joins_neither_and_is_counted():
    before = dictionary(("가", "PEG-4", "122-99-6"), ("나", "PEG-8", "122-99-6"))
    after = joined(before, entries("V", PHENOXY))
    assert after["limits"].isna().all()
    count = eu.counted(before, after)
    assert (count.doubtful, count.by_cas, count.none) == (2, 0, 0)


def test_the_nano_forms_row_is_not_the_bulks():
    nano = {
        "name": "Zinc oxide (nano)",
        "common": "ZINC OXIDE (NANO)",
        "cas": "1314-13-2",
        "most": "25%",
        "other": "Not to be used in sprays",
    }
    assert told("VI", nano, "Zinc Oxide", "1314-13-2") is None
    assert told("VI", nano, "Zinc Oxide (nano)")


def test_a_mixtures_row_is_not_its_parts():
    row = {
        "name": "Citric acid and silver citrate",
        "common": "CITRIC ACID (and) SILVER CITRATE",
        "identified": "CITRIC ACID,SILVER CITRATE",
        "cas": "77-92-9",
        "most": "0,2%",
    }
    assert told("V", row, "Citric Acid", "77-92-9") is None


def test_joining_again_changes_nothing():
    once = joined(dictionary(("가", "Phenoxyethanol", "122-99-6")), entries("V", PHENOXY))
    again = joined(once, entries("V", PHENOXY | {"most": "9%"}))
    pd.testing.assert_frame_equal(once, again)
    assert eu.counted(once, again).told == 1


def test_what_the_dictionary_says_of_itself_stays_in_front():
    before = dictionary(("가", "Phenoxyethanol", "")).assign(limits="국내 1%")
    before["roles"] = pd.Series([("용제",)], dtype=object)
    after = joined(before, entries("V", PHENOXY))
    assert after["limits"].tolist() == ["국내 1% · EU 보존제(부속서 V): 최대 1.0 %"]
    assert after["roles"].tolist() == [("용제", "보존제")]


# --- what is banned -------------------------------------------------------------------------------


def test_a_banned_substance_is_marked():
    found = joined(dictionary(("가", "Styrene", "")), entries("II", {"name": "Styrene"}))
    assert found["limits"].tolist() == ["EU 금지 성분(부속서 II): 사용 금지"]
    assert found["eu_banned"].tolist() == [True]


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("Petrolatum, except if the full refining history is known", "정제 이력"),
        ("Ethyl acrylate, when used as a fragrance ingredient", "향료로"),
        ("Pigment Red 5 when used as a substance in hair dye products", "염모제로"),
        ("Butane, if it contains > 0,1 % w/w Butadiene", "불순물"),
        ("Hydroquinone, with the exception of entry 14 in Annex III", "허용한 것 말고는"),
    ],
)
def test_what_is_banned_under_a_condition_is_told_so_and_not_marked(name: str, when: str):
    row = {"name": name, "identified": "THE SUBSTANCE"}
    found = joined(dictionary(("가", "The Substance", "")), entries("II", row))
    assert when in found["limits"].iloc[0]
    assert "조건부" in found["limits"].iloc[0]
    assert found["eu_banned"].tolist() == [False]


def test_what_a_row_only_names_as_an_example_of_its_group_is_not_marked():
    row = {"name": "Cells of human origin", "identified": "RH-POLYPEPTIDE-1"}
    found = joined(dictionary(("가", "rh-Polypeptide-1", "")), entries("II", row))
    assert eu.GROUPED in found["limits"].iloc[0]
    assert found["eu_banned"].tolist() == [False]


def test_what_holds_a_banned_thing_by_nature_is_not_told_of():
    row = {
        "name": "Safrole, except for normal content in natural essences",
        "identified": "CINNAMON OIL",
    }
    assert told("II", row, "Cinnamon Oil") is None


def test_a_ban_is_told_first_and_one_under_a_condition_last():
    red = dictionary(("적색", "Pigment Red 5", ""), ("벤젠", "Bad", ""))
    limit = {"name": "Pigment Red 5", "most": "3%", "identified": "BAD"}
    bans = [
        {"name": "Pigment Red 5; when used as a substance in hair dye products"},
        {"name": "Bad"},
    ]
    found = joined(red, entries("III", limit), entries("II", *bans))["limits"].tolist()
    assert found[0].index("부속서 III") < found[0].index("부속서 II)")
    assert found[1].index("부속서 II)") < found[1].index("부속서 III")


# --- words ----------------------------------------------------------------------------------------

LABELLED = (
    "The presence of the substance shall be indicated in the list of ingredients referred to in "
    "Article 19(1), point (g), when its concentration exceeds: — 0,001 % in leave-on products — "
    "0,01 % in rinse-off products."
)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms(most="1.0%"), "최대 1.0 %"),
        (Terms(most="0,15 %"), "최대 0.15 %"),
        (Terms(most="0.5% (acid)"), "산으로 최대 0.5 %"),
        (Terms(most="8%(as acid)"), "산으로 최대 8 %"),
        (Terms(most="3% (as benzalkonium chloride)"), "벤잘코늄클로라이드 기준 최대 3 %"),
        (Terms(most="100 mg/kg"), "최대 100 mg/kg"),
        (Terms(uses="Rinse-off products", most="2%"), "씻어 내는 제품 최대 2 %"),
        (
            Terms("(a) Leave-on products\n(b) Rinse-off products", "(a) 0,01 %\n(b) 0,1 %"),
            "씻어 내지 않는 제품 최대 0.01 %, 씻어 내는 제품 최대 0.1 %",
        ),
        (
            Terms(uses="a) Rinse-off products\nb) Leave-on products", most="0.1%"),
            "씻어 내는 제품·씻어 내지 않는 제품 최대 0.1 %",
        ),
        (
            Terms(
                uses="(a) Hair dye substance in oxidative hair dye products\n"
                "(b) Hair dye substance in non-oxidative hair dye products",
                most="(b) As from 3 September 2017: 1,5 %",
                other="(a) After mixing under oxidative conditions the maximum concentration "
                "applied to hair must not exceed 2,0 %",
            ),
            "산화 염모제 섞은 뒤 최대 2.0 %, 비산화 염모제 최대 1.5 %",
        ),
        (
            Terms(uses="(a) Oral products\n(b) Other products", most="(b) 1%"),
            "그 밖의 제품 최대 1 %, 그 밖의 쓰임 1가지는 부속서를 볼 것",
        ),
        (Terms(most="0,4% alone\n0,8% for mixtures"), "최대 0.4–0.8 %(조건에 따라 다름)"),
        (Terms(most="Maximum secondary amine content: 0.5%"), "2차 아민 최대 0.5 %"),
        (Terms(uses="Rinse-off products"), "씻어 내는 제품에만"),
        (Terms(uses="Not to be used in eye products"), "눈가 제품 제외"),
        (Terms(uses="Something unheard of", most="2%"), "정해진 쓰임에 최대 2 %"),
        (Terms(other="Something unheard of"), "조건이 있음(부속서를 볼 것)"),
        (Terms(other="Purity criteria as set out elsewhere (E 122)"), ""),
        (
            Terms(other="Peroxide value less than 10 mmoles/L (15)"),
            "원료 과산화물가 10 mmol/L 미만",
        ),
        (Terms(other=LABELLED), "씻어 내지 않는 제품 0.001 %, 씻어 내는 제품 0.01 % 초과 시 표시"),
        (Terms(), ""),
    ],
)
def test_terms_are_told_from_their_fields_alone(terms: Terms, said: str):
    assert rule(terms) == said


def test_more_uses_than_can_be_told_are_counted():
    uses = "\n".join(f"({letter}) Rinse-off products" for letter in "abcdefghijkl")
    most = "\n".join(f"({letter}) {n} %" for n, letter in enumerate("abcdefghijkl", 1))
    assert rule(Terms(uses=uses, most=most)).endswith("그 밖의 쓰임 9가지는 부속서를 볼 것")


def test_a_scent_that_has_to_be_labelled_is_an_allergen_to_the_counsellor():
    row = {"name": "Linalool", "other": LABELLED}
    assert told("III", row, "Linalool", "").startswith("EU 향 알레르겐(부속서 III): ")  # type: ignore[union-attr]


def test_a_plain_ban_has_no_condition():
    assert ban("Styrene") is None
    assert ban("Chrysarobin") is None
