"""What reviews are said to praise and blame: for and against, thing by thing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.generation.facts import ReviewFacts

_REPORTED: Final = re.compile(
    r"다는|라는|칭찬|아쉬움|아쉬운|평[이가도은]|후기|의견|리뷰[가도에]|다고\s*(?:해|했|하|말|적)"
)


@dataclass(frozen=True, slots=True)
class _Thing:
    liked: re.Pattern[str]
    disliked: re.Pattern[str]


_THINGS: Final = tuple(
    _Thing(re.compile(liked), re.compile(disliked))
    for liked, disliked in (
        (
            r"(?:값|가격)\S{0,2}\s*(?:\S+\s)?(?:좋|착|싸|저렴|괜찮|합리)|가성비|(?<!비)싸서",
            r"비싸|비싼|(?:값|가격)\S{0,2}\s*(?:\S+\s)?(?:부담|높|아쉬)",
        ),
        (
            r"양[이은도]?\s*(?:\S+\s)?(?:많|넉넉)|넉넉|충분|대용량",
            r"양[이은도]?\s*(?:\S+\s)?(?:적|모자|작|부족)|헤프|금방\s*써",
        ),
        (
            r"용기\S{0,2}\s*(?:\S+\s)?(?:편|예쁘|예뻐|좋|고급)|펌프\S*\s*편",
            r"용기\S{0,2}\s*(?:\S+\s)?(?:불편|아쉬|별로)|쓰기\s*불편",
        ),
        (
            r"촉촉(?!하지\S*\s*(?:않|못))|보습(?:이|력이)?\s*(?:\S+\s)?(?:좋|뛰|충분|오래)",
            r"촉촉하지\S*\s*(?:않|못)|보습\S*\s*(?:\S+\s)?(?:모자|부족|약|아쉬)|건조|당[기긴겨]",
        ),
        (
            r"흡수\S{0,2}\s*(?:\S+\s)?(?:빠르|빨|잘|좋)|스며",
            r"흡수\S{0,2}\s*(?:\S+\s)?(?:느리|늦|안|더디)|겉돌",
        ),
        (
            r"끈적(?:이지|임\S*\s*(?:없|적)|거리지|하지\s*않)|산뜻",
            r"끈적(?!이지|임\S*\s*(?:없|적)|거리지|하지\s*않)|번들",
        ),
        (
            r"향[이은도]?\s*(?!없)(?:\S+\s)?(?:좋|은은|마음에|과하지|상쾌)",
            r"향[이은도]?\s*(?:\S+\s)?(?:거슬|강[해하한]|독|싫|진[해하])",
        ),
        (
            r"(?:탄력|주름|톤|결|안색)\S*\s*(?:\S+\s){0,3}?(?:좋아[졌지]|생[겼기]|올라|개선|덜|옅|고와|맑아)",
            r"(?:탄력|주름|톤|결|안색)\S*\s*(?:\S+\s){0,2}?(?:변화\S{0,2}\s*(?:없|모르)|그대로|모르겠)",
        ),
        (
            r"향[이은도]?\s*(?:없|안\s*나|나지\s*않)|무향|무취",
            r"향[이은도]?\s*(?:좋|은은|거슬|강|과하지)",
        ),
        (
            r"(?:주름|톤|결|안색|잡티)\S*\s*(?:\S+\s){0,2}?(?:옅|덜\s|흐려|고와|맑아)",
            r"(?:주름|톤|결|안색|잡티)\S*\s*(?:\S+\s){0,2}?(?:깊어|심해|진해|짙어|칙칙|늘[었어])",
        ),
    )
)  # fmt: skip
_LISTED: Final = re.compile(r"칭찬|아쉬움|아쉬운\s*점")
"""What passages list with counts: what is not there is not said."""


def misreported(sentence: str, reviews: Sequence[ReviewFacts]) -> bool:
    """Whether reviews are said to like or dislike what they say the opposite of alone, or to
    praise or blame by the list what that does not have."""
    if not reviews or not _REPORTED.search(sentence):
        return False
    said = "\n".join(line for one in reviews for line in (*one.praise, *one.blame, *one.quotes))
    effects = " ".join(name for one in reviews for name in one.effects)
    listed = _LISTED.search(sentence) is not None
    for thing in _THINGS:
        for side, other in ((thing.liked, thing.disliked), (thing.disliked, thing.liked)):
            if not side.search(sentence) or side.search(said):
                continue
            counted = side is thing.liked and side.search(effects) is not None
            if listed or (other.search(said) and not counted):
                return True
    return False
