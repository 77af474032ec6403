"""Whether a review is somebody's own: copies, sponsored ones, and what looks arranged.

Pure functions of frames as ingest.clean has them. `copied` and `unsponsored` are steps: a row that
goes gets its reason. `told` counts what an operator should know of the rest and takes nothing.
"""

import re
from typing import Final

import pandas as pd

from ingest import likeness

SHORTEST: Final = 48
"""Letters, blanks and signs aside, of a text that may be a copy of another. Shorter ones are made
of stock phrases, and honest ones come as near to each other as copies do: see test_trust."""
COPIED_FROM: Final = 0.7
"""Jaccard's likeness of two texts' 3-grams from which the later one is a copy; chosen on
tests/samples/copies.txt and the seed."""
SAME_RATING_FROM: Final = 20
"""Reviews of a person whose ratings are all the same."""
BURST_FROM: Final = 10
"""Reviews of a product in one day …"""
BURST_TIMES: Final = 5
"""… and as many times those of its median day."""

Frame = pd.DataFrame


def copied(frame: Frame) -> Frame:
    """Long texts that are nearly the same as an earlier one, whoever wrote it about what: the
    first stays."""
    alive = frame["reason"] == ""
    texts = frame.loc[alive, "text"].map(likeness.letters)
    texts = texts[texts.str.len() >= SHORTEST]
    files, lines = (frame.loc[texts.index, column].tolist() for column in ("file", "line"))
    found = likeness.repeated(texts.tolist(), COPIED_FROM)
    reasons = frame["reason"].copy()
    said = "{} {}번째 줄의 글과 거의 같아요: {}%"
    reasons[texts.index[list(found)]] = [
        said.format(files[one.place], lines[one.place], int(one.likeness * 100))
        for one in found.values()
    ]
    return frame.assign(reason=reasons)


_MARK: Final = (
    r"(?:체험|평가|품평|판정|기자)단|서포터[즈스]|앰[배버]서더|협찬|원고료|당첨"
    r"|(?:제품|상품|무상|무료|샘플|본품|업체|회사|브랜드|소정의\s*\S+)\S{0,4}\s*(?:제공|지원)\s*[을를]?\s*받"
    r"|제공\s*받[아은았고]|무상으?로?\s*(?:제공|지원|받)|무료로\s*(?:제공|지원)"
    r"|수수료를?\s*(?:지급|제공)?\s*받|파트너스\s*활동|유료\s*광고|광고\s*(?:포함|글?입니다|글?이에요)"
    r"|[#\[(]\s*광고"
)
_DENIED: Final = (
    r"(?:이나|이?랑|[도,/·])?\s*(?:광고|협찬|체험단|원고료)?\S{0,6}\s*(?:(?:것|거|게|건|글)\S?\s*)?"
    r"(?:아니|아닌|아님|아닙|아녜|않|없|절대|노노|[xX×]|안\s*[받돼됐]|못\s*받|탈락|떨어)"
    r"|\s*(?:평|후기|리뷰|글)(?:[이가만은을를도들]{0,2}\s*(?:다\s|보고|봤|많|믿|뿐|밖에|좋)|\s*때문)"
)
_OWN: Final = re.compile(
    r"(?:내\s?돈\s?내\s?산|(?:제|내)\s?돈\s?(?:주고|으로)\s?(?:직접\s?)?(?:샀|산\s|구[매입]\s?[한했])"
    r"|직접\s?(?:구[매입]\s?(?:한|했|해서|후)|샀|산\s))(?!다면|[^.!?\n]{0,8}(?:아니|아닌|아님|아닙))"
)
_SPONSORED: Final = re.compile(rf"(?P<mark>{_MARK})(?!{_DENIED})", re.IGNORECASE)


def sponsorship(text: str) -> str:
    """The words that say that it was paid for or given; empty where it was not, or where the
    writer says so («내돈내산», «협찬 아니에요»)."""
    if _OWN.search(text):
        return ""
    found = _SPONSORED.search(text)
    return found["mark"] if found else ""


def unsponsored(frame: Frame) -> Frame:
    """Without the reviews that say they are sponsored."""
    marks = frame["text"].map(sponsorship)
    going = (frame["reason"] == "") & (marks != "")
    reasons = "협찬이나 체험단으로 쓴 글이에요: «" + marks.astype(str) + "»"
    return frame.assign(reason=frame["reason"].mask(going, reasons))


def told(reviews: Frame) -> dict[str, int]:
    """What is worth a look → how many of the reviews that stay."""
    return {
        "협찬·체험단이라고 밝힌 글": int((reviews["text"].map(sponsorship) != "").sum()),
        f"{SAME_RATING_FROM}개 넘게 늘 같은 평점을 준 사람": int(unvarying(reviews).sum()),
        "한 제품에 하루 동안 몰린 글": int(rushed(reviews).sum()),
    }


def unvarying(reviews: Frame) -> "pd.Series[bool]":
    """Reviews of people who gave the same rating `SAME_RATING_FROM` times or more, and no other."""
    ratings = reviews["rating"].astype(float).groupby(reviews["reviewer"])
    many = ratings.transform("size") >= SAME_RATING_FROM
    return many & (ratings.transform("min") == ratings.transform("max"))


def rushed(reviews: Frame) -> "pd.Series[bool]":
    """Reviews of a day on which their product had far more than it is used to."""
    days = reviews[reviews["date"].notna()]
    if days.empty:
        return pd.Series(False, index=reviews.index)
    each = days.groupby(["product_id", "date"]).size()
    usual = each.groupby(level="product_id").transform("median")
    busy = each[(each >= BURST_FROM) & (each > BURST_TIMES * usual)]
    found = pd.MultiIndex.from_frame(days[["product_id", "date"]]).isin(busy.index)
    return pd.Series(found, index=days.index).reindex(reviews.index, fill_value=False)
