"""Where samples come from: consultations, Knowledge-iN, evolved questions, people's feedback.

Each reader raises OSError, and Unreadable with the file and the line.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.domain import Concern, Question, SkinProfile, SkinType
from engine.generation.prompts import Message
from engine.parsing.korean import squeeze
from training.automatic import REFUSALS
from training.cleaning import Sample, Worse
from training.rows import Conversation, Unreadable, conversations, preferences, read
from training.shop import Gone, Shop, bare

FAULTS: Final = ("product", "skin", "reason", "length", "safety")
PASSAGES_AT_MOST: Final = 4
WHOLE: Final = re.compile(
    r"가장|제일|유일|뿐|밖에|자료에|여기서|나머지|다른 (?:제품|것)|(?:둘|셋|모두|전부)[은이\s]|"
    r"(?:두|세|네|한) (?:제품|가지|개|토너|크림|세럼|로션|앰플|에센스|미스트|오일|스킨)"
)
"""Words of an answer that may be untrue once more is shown: the highest, the only, both, none."""
_ASKED: Final = re.compile(r"질문:\s*(.+)\Z", re.DOTALL)
_KEYS: Final = frozenset(
    {"id", "family", "question", "profile", "passages", "good", "worse", "fault"}
)


async def consultations(path: Path, shop: Shop, passages: int = 0) -> list[Sample]:
    """Written by hand: a question, the documents shown, a good answer and a plausible worse one.
    `passages`: show as many, with what serving finds beside those that were written for."""
    samples = []
    for row in read(path, _consultation):
        asked = Question(row["question"], profile_of(row["profile"]))
        try:
            ids = await _beside(row, asked, shop, passages)
            prompt = await shop.prompt(asked, ids)
        except Gone as error:
            raise Unreadable(f"{path}, {row['id']}: 자료에 {error} 문서가 없어요") from error
        samples.append(
            Sample(
                row["id"],
                row["family"],
                "consultations",
                row["question"],
                prompt,
                row["good"],
                (Worse(row["worse"], row["fault"]),),
            )
        )
    return samples


def kin(path: Path) -> list[Sample]:
    """Rows `{"question", "accepted", "others": […]}`. They have no passages of the shop, so their
    prompt is the bare one: an answer from elsewhere must not be learned as if it stood in ours."""
    return list(read(path, _kin))


def evolved(path: Path) -> list[Sample]:
    return [_of_conversation(one) for one in conversations(path)]


def feedback(path: Path) -> list[Sample]:
    """What `python -m training.preferences` wrote."""
    return [
        Sample(
            one.id,
            one.family,
            one.source,
            asked_in(one.prompt),
            one.prompt,
            one.chosen,
            (Worse(one.rejected, one.fault),),
        )
        for one in preferences(path)
    ]


def profile_of(told: Mapping[str, Any]) -> SkinProfile:
    """Raises ValueError for words that the survey does not know."""
    skin_type = told.get("skin_type")
    return SkinProfile(
        skin_type=SkinType(skin_type) if skin_type else None,
        concerns=tuple(Concern(one) for one in told.get("concerns", ())),
        avoided=tuple(told.get("avoided", ())),
    )


def profile_told(profile: SkinProfile) -> dict[str, Any]:
    """As `profile_of` reads it."""
    told: dict[str, Any] = {}
    if profile.skin_type is not None:
        told["skin_type"] = profile.skin_type.value
    if profile.concerns:
        told["concerns"] = [one.value for one in profile.concerns]
    if profile.avoided:
        told["avoided"] = list(profile.avoided)
    return told


def asked_in(prompt: tuple[Message, ...]) -> str:
    """The person's question in a prompt of ours; of another's, its last message."""
    last = prompt[-1].content
    found = _ASKED.search(last)
    return found[1] if found else last


def family_of(question: str) -> str:
    """The same for the same letters."""
    return sha256(squeeze(question).encode()).hexdigest()[:12]


def _consultation(row: dict[str, Any]) -> dict[str, Any]:
    if set(row) != _KEYS:
        raise ValueError(f"열은 {', '.join(sorted(_KEYS))}이어야 해요")
    if row["fault"] not in FAULTS:
        raise ValueError(f"fault는 {', '.join(FAULTS)} 가운데 하나여야 해요")
    if not 0 < len(row["passages"]) <= PASSAGES_AT_MOST:
        raise ValueError(f"passages는 한 개에서 {PASSAGES_AT_MOST}개까지예요")
    profile_of(row["profile"])
    return row


async def _beside(row: Mapping[str, Any], asked: Question, shop: Shop, most: int) -> list[str]:
    """Ids: those written for, in their places, then others that serving finds for the question.
    None are added to an answer that speaks of all that is shown, and only so many that nothing
    of what was written for is cut to make room. Raises Gone."""
    written = list(row["passages"])
    if most <= len(written) or WHOLE.search(row["good"]) or REFUSALS.search(row["good"]):
        return written
    found = (await shop.ask((), asked)).ids
    ids = [*written, *(one for one in found if one not in written)][:most]
    for count in range(len(ids), len(written), -1):
        if await _hold(row, asked, shop, ids[:count]):
            return ids[:count]
    return written


async def _hold(row: Mapping[str, Any], asked: Question, shop: Shop, ids: list[str]) -> bool:
    """What was shown before stands as it stood, and the guards think the same of both answers."""
    shown = (await shop.prompt(asked, row["passages"]))[-1].content.partition("\n\n고객: ")[0]
    if not (await shop.prompt(asked, ids))[-1].content.startswith(shown):
        return False
    before, after = await shop.passages(row["passages"]), await shop.passages(ids)
    return all(
        shop.checked(text, before, asked.text) == shop.checked(text, after, asked.text)
        for text in (row["good"], row["worse"])
    )


def _kin(row: dict[str, Any]) -> Sample:
    question, accepted = str(row["question"]), str(row["accepted"])
    if not question.strip() or not accepted.strip():
        raise ValueError("question과 accepted는 비어 있으면 안 돼요")
    family = f"kin-{family_of(question)}"
    return Sample(
        f"{family}-{family_of(accepted)[:4]}",
        family,
        "kin",
        question,
        bare(Question(question)),
        accepted,
        tuple(Worse(str(one)) for one in row["others"]),
    )


def _of_conversation(one: Conversation) -> Sample:
    *before, answer = one.messages
    prompt = tuple(before)
    if not prompt or prompt[-1].role != "user":
        raise Unreadable(f"{one.id}: 답 바로 앞에 질문이 있어야 해요")
    return Sample(one.id, one.family, one.source, asked_in(prompt), prompt, answer.content)
