"""A shop of three documents to measure answers against, and a judge that goes by rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.domain import DocumentKind, Passage, Question
from engine.generation.checks.names import Known
from engine.generation.guard import Guard
from engine.generation.prompts import Message, prompt
from training.asked import Asked
from training.yardstick import Written

CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "온새결 시어버터 보습 크림",
    "온새결 시어버터 보습 크림 (크림)\n브랜드: 온새결\n가격: 27,000원\n용량: 100ml\n"
    "평점: 4.2점 (리뷰 34개)",
)
REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p1",
    "온새결 시어버터 보습 크림",
    "온새결 시어버터 보습 크림 리뷰 34개, 평점 4.2점\n효과: 보습 22개\n"
    "순한 정도: 순해요 20개, 보통 5개\n"
    "피부 타입: 건성 14개 4.7점 순함 9/12, 지성 6개 2.9점 순함 3/6\n"
    "칭찬: 촉촉해요 17개\n아쉬움: 끈적여요 4개",
)
PANTHENOL = Passage(
    DocumentKind.INGREDIENT,
    "판테놀",
    "판테놀",
    "판테놀 (Panthenol)\n설명: 피부에서 비타민 B5로 바뀌는 보습 성분이에요.",
)
SHOWN = (CREAM, REVIEWS, PANTHENOL)
GOOD = "온새결 시어버터 보습 크림은 건성 14명이 4.7점을 줬어요 [2]. 가격은 27,000원이에요 [1]."
INVENTED = "무지개숲 크랜베리 토너는 건성 14명이 4.7점을 줬어요 [2]."


def asked(id: str = "q1", text: str = "건성인데 시어버터 보습 크림 어때요?", **more: Any) -> Asked:
    question = Question(text)
    bare = (Message("system", "짧게 답해요."), Message("user", text))
    return Asked(id, question, SHOWN, prompt(question, SHOWN), bare, more.get("refuse", False))


@dataclass
class SmallShop:
    """Composes the same answer to everything and shows its three documents for it."""

    text: str = GOOD
    shows: Sequence[Passage] = SHOWN
    composed_for: list[str] = field(default_factory=list)

    @property
    def known(self) -> Known:
        products = [("온새결", "온새결 시어버터 보습 크림"), ("더마노크", "판테놀 배리어 토너")]
        return Known.of(products, [["판테놀", "Panthenol"]])

    @property
    def guard(self) -> Guard:
        return Guard(self.known)

    def passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        return tuple(self.shows) if list(ids) else ()

    async def composed(self, question: Question, turns: Sequence[str] = ()) -> Written:
        self.composed_for.append(question.text)
        return Written(self.text, tuple(self.shows))

    async def prompt(self, question: Question) -> tuple[tuple[Message, ...], tuple[Passage, ...]]:
        return prompt(question, self.shows), tuple(self.shows)


@dataclass
class RuledJudge:
    """Answers by functions of what it reads, in place of a model."""

    scores: Callable[[str], Sequence[int]]
    """The answer → five scores."""
    better: Callable[[str, str], str]
    """First and second answer → first, second, same."""
    name: str = "ruled"
    read: list[str] = field(default_factory=list)

    async def asks(self, system: str, user: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        self.read.append(user)
        return self.says(user, schema)

    def says(self, user: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        if "better" in schema["properties"]:
            both = user.rsplit("첫째 답변: ", 1)[1]
            first, second = both.split("\n\n둘째 답변: ")
            return {"reason": "r", "better": self.better(first, second)}
        answer = user.rsplit("답변: ", 1)[1]
        keys = [key for key in schema["properties"] if key != "reason"]
        return {"reason": "r", **dict(zip(keys, self.scores(answer), strict=True))}
