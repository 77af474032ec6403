"""`python -m ingest load --faq F`: the shop's own answers, kept inside the load and found."""

import json
from pathlib import Path

import pytest

from engine.domain import DocumentKind
from engine.retrieval.generations import generation
from engine.retrieval.hybrid import HybridRetriever
from engine.retrieval.index import Index
from ingest.__main__ import main
from tests.fakes import BigramEmbeddings
from tests.running import environment

PRODUCTS = "product_id,brand,name,category,ingredients\np1,새벽숲,이슬 크림,크림,정제수\n"
FAQ = '질문,답변\n배송은 얼마나 걸려요?,사흘 안에 도착해요.\n선물 포장 되나요?,"네, 돼요."\n'


class Desk:
    def __init__(self, folder: Path, output: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._output = output

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def ingest(self, *arguments: object) -> tuple[int, str]:
        """The exit status and what was said."""
        status = main([str(argument) for argument in arguments], BigramEmbeddings())
        captured = self._output.readouterr()
        return status, captured.out + captured.err

    def loads(self) -> list[Path]:
        return sorted(one.parent for one in self.folder.glob("artifacts/*/manifest.json"))

    def found(self, question: str) -> list[str]:
        """Keys of the shop's answers to it in the newest load."""
        folder = self.loads()[-1] / "index"
        index = Index.open(folder, "bigrams", embeddings=BigramEmbeddings())
        found = HybridRetriever(index=index).search(question, [DocumentKind.FAQ])
        index.close()
        return [str(one.id) for one, _ in found]


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    for name, value in environment(tmp_path / "artifacts", EMBEDDING="bigrams").items():
        monkeypatch.setenv(name, value)
    opened = Desk(tmp_path, capsys)
    products = opened.write("products.csv", PRODUCTS)
    status, said = opened.ingest(
        "load", "--products", products, "--faq", opened.write("faq.csv", FAQ)
    )
    assert status == 0, said
    return opened


def test_the_shops_answers_are_kept_inside_the_load_and_found(desk: Desk) -> None:
    [load] = desk.loads()
    assert (load / "faq.csv").is_file()
    assert json.loads((load / "manifest.json").read_text(encoding="utf-8"))["faq"] == 2
    assert desk.found("배송 얼마나 걸려요") == ["faq:1"]
    assert desk.found("이 크림은 순한가요") == []


def test_a_load_without_them_keeps_those_there_are_and_the_same_again_changes_nothing(
    desk: Desk,
) -> None:
    other = desk.write("products.csv", PRODUCTS + "p2,새벽숲,햇살 로션,로션,정제수\n")
    status, said = desk.ingest("load", "--products", other)
    assert status == 0
    assert "FAQ 2개" in said
    assert "가운데 1개를 새로 임베딩했어요" in said
    assert desk.found("선물 포장 되나요") == ["faq:2"]
    status, said = desk.ingest("load", "--faq", desk.write("faq.csv", FAQ))
    assert (status, len(desk.loads())) == (0, 2)
    assert "아무것도 바꾸지 않았어요" in said


def test_changed_answers_alone_are_another_load(desk: Desk) -> None:
    changed = desk.write("faq.csv", FAQ.replace("사흘", "이틀"))
    status, said = desk.ingest("load", "--faq", changed)
    assert (status, len(desk.loads())) == (0, 2)
    assert "가운데 1개를 새로 임베딩했어요" in said


def test_lines_that_are_no_question_and_answer_are_left_out_with_the_reason(desk: Desk) -> None:
    rows = f"{FAQ},답만 있어요\n배송은 얼마나 걸려요?,두 번째\n{'가' * 201},길어요\n"
    kept = desk.folder / "rejects"
    status, _ = desk.ingest("load", "--faq", desk.write("faq.csv", rows), "--rejects", kept)
    assert status == 0
    told = (kept / "faq.csv").read_text(encoding="utf-8-sig")
    for reason in (
        "4,질문이나 답이 비어 있어요",
        "5,같은 질문이 앞에 있어요",
        "6,질문이 200자보다 길어요",
    ):
        assert reason in told


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("question,reply\n가요?,네.\n", "«answer»"),
        ("질문,답변\n답이 없어요,\n", "쓸 수 있는 질문과 답이 하나도 없어요"),
    ],
)
def test_a_file_without_its_columns_or_rows_is_refused(desk: Desk, text: str, reason: str) -> None:
    status, said = desk.ingest("load", "--faq", desk.write("faq.csv", text))
    assert status == 1
    assert reason in said
    assert len(desk.loads()) == 1


def test_answers_without_products_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(desk.folder / "other", EMBEDDING="bigrams").items():
        monkeypatch.setenv(name, value)
    status, said = desk.ingest("load", "--faq", desk.folder / "faq.csv")
    assert status == 1
    assert "--products" in said


def test_index_takes_the_vectors_it_has_and_fresh_makes_them_anew(desk: Desk) -> None:
    [load] = desk.loads()
    before = generation(load / "index")
    status, said = desk.ingest("index")
    assert status == 0
    assert "0개를 새로 임베딩했어요" in said
    assert generation(load / "index") != before
    _, said = desk.ingest("index", "--fresh")
    assert "조각 6개 가운데 6개를 새로" in said


def test_an_index_of_an_earlier_version_is_built_again_where_the_load_is_kept(desk: Desk) -> None:
    [load] = desk.loads()
    (load / "index" / "manifest.json").write_text('{"version": 1}', encoding="utf-8")
    status, said = desk.ingest("load", "--if-empty", "--products", desk.folder / "products.csv")
    assert status == 0
    assert "그대로 뒀어요" in said
    assert desk.found("선물 포장 되나요") == ["faq:2"]
