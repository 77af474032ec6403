"""What the statistics say to the shop's admins: 해요체, short."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import Reason
from engine.advertising import SEOUL
from engine.figures import FEWEST, Counts, Figures, Stage, Verdict

PERIODS: Final = {7: "7일", 30: "30일", 0: "전체"}
BROADCAST: Final = "메시지 보내기"
CSV_CAPTION: Final = "모든 수를 표로 담았어요."
CSV_HEAD: Final = ("구분", "항목", "세부", "값")

FUNNEL: Final = "흐름"
SURVEY: Final = "설문"
SKIN_TYPES: Final = "피부 타입"
AGE_BANDS: Final = "나이대"
GENDERS: Final = "성별"
CONCERNS: Final = "고민"
WEEKS: Final = "주간"
THIS_WEEK: Final = "이번 주"
LAST_WEEK: Final = "지난주"
ARRIVALS: Final = "새 손님"
RECOMMENDATIONS: Final = "추천"
QUESTIONS: Final = "질문"
FAVOURITES: Final = "인기 제품"
VERDICTS: Final = "반응"
ANSWERS: Final = "상담 답변"
GOOD: Final = "👍"
BAD: Final = "👎"
REASONS: Final = "👎 이유"
NO_REASON: Final = "이유를 말하지 않음"
IN_VAIN: Final = "찾지 못한 검색어"
LINKS: Final = "링크"
CAMPAIGNS: Final = "캠페인"
FEW: Final = f"{FEWEST}명 미만"
NOTHING: Final = "아직 보여 드릴 것이 없어요. 손님이 오면 여기에 쌓여요."
CLICKS: Final = "링크 클릭은 사람이 아니라 횟수예요."
LINES: Final = 5
"""Of a list; the CSV has more."""


def title(figures: Figures) -> str:
    return f"뽀야미 통계 · {period(figures)}"


def period(figures: Figures) -> str:
    """«최근 30일(2026.10.24–2026.11.22)»."""
    today = figures.at.astimezone(SEOUL).date()
    if figures.days is None:
        return f"처음부터 {today:%Y.%m.%d}까지"
    first = today - timedelta(days=figures.days - 1)
    return f"최근 {figures.days}일({first:%Y.%m.%d}–{today:%Y.%m.%d})"


def told(figures: Figures) -> str:
    if figures.empty:
        return f"{title(figures)}\n\n{NOTHING}"
    parts = (
        title(figures),
        _funnel(figures),
        _survey(figures),
        _weeks(figures),
        _favourites(figures),
        _verdicts(figures),
        _headed(REASONS, (f"· {name} {count:,}번" for name, count in reasons(figures))),
        _list(IN_VAIN, (f"{text} ({count:,})" for text, count in figures.in_vain)),
        _list(
            LINKS,
            (f"{each.title or source(each.source)} {each.clicks:,}번" for each in figures.links),
        ),
        _list(CAMPAIGNS, (f"{name} {count:,}명" for name, count in figures.campaigns)),
        CLICKS,
    )
    return "\n\n".join(part for part in parts if part)


def unit(stage: Stage) -> str:
    return "번" if stage is Stage.CLICKED else "명"


def source(written: str) -> str:
    """«broadcast 3» → «보낸 메시지 3번»."""
    kind, _, number = written.partition(" ")
    return {"broadcast": f"보낸 메시지 {number}번", "product": f"제품 {number}"}.get(kind, written)


def _funnel(figures: Figures) -> str:
    first = next((count or 0 for _, count in figures.funnel), 0)
    return _headed(
        FUNNEL,
        (
            f"· {stage.value} {count or 0:,}{unit(stage)}{_share(stage, count or 0, first)}"
            for stage, count in figures.funnel
        ),
    )


def _share(stage: Stage, count: int, first: int) -> str:
    if stage in (Stage.ARRIVED, Stage.CLICKED) or not first:
        return ""
    return f" ({count / first:.0%})"


def _survey(figures: Figures) -> str:
    survey = figures.survey
    if not survey.people:
        return ""
    return _headed(
        f"{SURVEY} {survey.people:,}명",
        (
            f"· {SKIN_TYPES}: {_counts(survey.skin_types)}",
            f"· {AGE_BANDS}: {_counts(survey.age_bands)}",
            f"· {GENDERS}: {_counts(survey.genders)}",
            f"· {CONCERNS}: {_counts(survey.concerns)}",
        ),
    )


def _counts(counts: Counts[str]) -> str:
    """The most first; what nobody said is left out."""
    known = sorted(((count or 0, name) for name, count in counts), key=lambda each: -each[0])
    return ", ".join(f"{name} {count:,}" for count, name in known if count) or "아직 없어요"


def _weeks(figures: Figures) -> str:
    *_, before, now = (None, None, *figures.weeks)
    return _headed(
        WEEKS,
        (
            f"· {name}: {ARRIVALS} {week.arrived:,}, {RECOMMENDATIONS} {week.recommended:,}, "
            f"{QUESTIONS} {week.asked:,}"
            for name, week in ((THIS_WEEK, now), (LAST_WEEK, before))
            if week is not None
        ),
    )


def _favourites(figures: Figures) -> str:
    return _headed(
        FAVOURITES,
        (
            f"· {skin_type}: " + ", ".join(f"{each.title} {each.people:,}명" for each in liked)
            for skin_type, liked in figures.favourites
        ),
    )


def _verdicts(figures: Figures) -> str:
    answers = figures.answers
    lines = [f"· {ANSWERS} {_thumbs(answers)}"] if answers.good or answers.bad else []
    lines += [f"· {each.title} {_thumbs(each)}" for each in figures.products[:LINES]]
    return _headed(VERDICTS, lines)


def reasons(figures: Figures) -> tuple[tuple[str, int], ...]:
    """As the buttons say them: «틀린 내용이에요» 3."""
    return tuple((_reason(code), count or 0) for code, count in figures.reasons)


def _reason(code: str) -> str:
    """A code that no button has any more stands as it was stored."""
    if code in ("", Reason.UNSAID):
        return NO_REASON
    return texts.REASONS[Reason(code)] if code in [*Reason] else code


def _thumbs(verdict: Verdict) -> str:
    return f"{GOOD} {verdict.good:,} {BAD} {verdict.bad:,}"


def _list(head: str, lines: Iterable[str]) -> str:
    return _headed(head, [f"· {line}" for line in lines][:LINES])


def _headed(head: str, lines: Iterable[str]) -> str:
    return "\n".join(_after(f"[{head}]", lines))


def _after(head: str, lines: Iterable[str]) -> Iterator[str]:
    """Nothing where there is no line."""
    told = tuple(lines)
    if told:
        yield head
        yield from told
