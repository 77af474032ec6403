"""The data card: what went in, what was taken out and why, what came of it, under which terms."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from engine.generation.prompts import PROMPT_VERSION
from engine.provenance import checksum, code_version, origin_of
from training.cleaning import MASKED, SPLITS, Cleaned, Sample, Step, split_of

TERMS: Final = {
    "consultations": "직접 쓴 글, Apache-2.0(data/README.md). 지어낸 브랜드와 제품이에요.",
    "catalogue": "직접 쓴 질문과 엔진이 자료로 정리한 답, Apache-2.0. 가게 자료의 조건을 따라요.",
    "kin": "지식iN 글은 쓴 사람과 네이버의 것이에요. 약관과 저작권을 확인하고 밖에 내지 마세요.",
    "feedback": "학습에 동의한 이용자의 말이에요. 동의를 거두면 다시 만들어야 해요.",
    "evolved": "교사 모델이 쓴 글이에요. 그 모델의 이용 조건을 따라요.",
}
_STEPS: Final = {
    MASKED: "개인정보를 가린 것",
    Step.ADVERTISING: "광고",
    Step.PROFANE: "욕설",
    Step.UNSAFE: "위험한 조언",
    Step.SHORT: "너무 짧음",
    Step.LONG: "너무 긺",
    Step.HELD_OUT: "평가 질문과 닮음",
    Step.DUPLICATE: "거의 같은 글",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What is told of one making."""

    command: str
    found: Sequence[Sample]
    """Before cleaning."""
    cleaned: Cleaned
    """Its samples with their final families."""
    ungrounded: int
    """Questions of the catalogue whose answers were not kept."""
    questions: int
    inputs: Mapping[str, Path]
    outputs: Sequence[Path]
    load: str
    """Digest of the catalogue's load."""
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    """That load's id and what it was read from: `Shop.catalogue`."""


def card(made: Made, today: date) -> dict[str, Any]:
    kept = made.cleaned.samples
    return {
        "date": today.isoformat(),
        "command": made.command,
        "code": code_version(),
        "prompt_version": PROMPT_VERSION,
        "load": made.load,
        "catalogue": dict(made.catalogue),
        "found": dict(Counter(one.source for one in made.found)),
        "cleaning": {**made.cleaned.counts, "worse_dropped": made.cleaned.worse_dropped},
        "cleaning_by_source": {name: dict(of) for name, of in made.cleaned.by_source.items()},
        "ungrounded": made.ungrounded,
        "conversations": _table((one.source, split_of(one.family)) for one in kept),
        "preferences": _table(
            (one.source, split_of(one.family)) for one in kept for _ in one.worse
        ),
        "faults": _table(
            (worse.fault or "unknown", split_of(one.family)) for one in kept for worse in one.worse
        ),
        "families": len({one.family for one in kept}),
        "questions": made.questions,
        "inputs": {name: checksum(path) for name, path in made.inputs.items()},
        "origins": origins(made.inputs),
        "outputs": {path.name: checksum(path) for path in made.outputs},
        "terms": {name: TERMS[name] for name in sorted({one.source for one in kept} & set(TERMS))},
    }


def origins(inputs: Mapping[str, Path]) -> dict[str, Any]:
    """Of the inputs that were fetched: where from, when, how many, under which terms."""
    told = {name: origin_of(path) for name, path in inputs.items()}
    return {name: one.model_dump(mode="json") for name, one in told.items() if one is not None}


def beside(out: Path) -> Path:
    """Of a data set that is one file."""
    return out.with_name(f"{out.stem}.card.json")


def write(path: Path, told: Mapping[str, Any]) -> None:
    """Last of all: where it stands, the rest is whole."""
    making = path.with_name(f".{path.name}.making")
    making.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    making.replace(path)


def table(told: Mapping[str, Any]) -> str:
    """For the terminal."""
    lines = [
        *_grid("대화", told["conversations"]),
        "",
        *_grid("선호", told["preferences"]),
        "",
        *_grid("잘못", told["faults"]),
        "",
        f"거른 것: {_listed(told['cleaning'])}",
        f"질문 묶음 {told['families']}개, 평가 질문 {told['questions']}개",
    ]
    return "\n".join(lines)


def _table(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """First → split → how many; splits without any stand as 0."""
    told: dict[str, dict[str, int]] = {}
    for first, split in pairs:
        told.setdefault(first, dict.fromkeys(SPLITS, 0))[split] += 1
    return told


def _grid(name: str, rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    head = [f"{name:<15}", *(f"{split:>7}" for split in SPLITS)]
    told = [[f"{one:<17}", *(f"{of[split]:>7}" for split in SPLITS)] for one, of in rows.items()]
    sums = [f"{sum(of[split] for of in rows.values()):>7}" for split in SPLITS]
    return ["".join(line) for line in (head, *told, [f"{'합계':<15}", *sums])]


def _listed(cleaning: Mapping[str, int]) -> str:
    told = [f"{words} {cleaning[step]}" for step, words in _STEPS.items() if cleaning[step]]
    return ", ".join(told) or "없음"
