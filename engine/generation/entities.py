"""What a question says of skin: types, concerns, what is denied, and what a person tells of
themself. Rules over its words; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from engine.domain import AgeBand, Concern, Gender, SkinProfile, SkinType

T = TypeVar("T")
_CONCERNS: Final = (
    (Concern.ACNE, r"여드름|뾰루지|뾰류지|뽀루지|뽀드락지|트러블|여드럼|[턱등]드름|acne"),
    (
        Concern.REDNESS,
        r"홍조|벌[개겋게]|불타는|붉어|붉은|붉게|불긋|빨개|빨갛|빨간|새빨|열감|화끈|달아오|달아올",
    ),
    (Concern.PORES, r"모공|포어"),
    (
        Concern.FLAKES,
        r"각질|(?:하얗게|허옇게)\s*(?:일어|터|트|뜨)|들뜨|들떠|(?:화장|파데)[이가은는도]?\s*(?:떠|뜨)",
    ),
    (Concern.BLACKHEADS, r"블랙\s*헤드|블헤|피지"),
    (Concern.BUMPS, r"요철|좁쌀|오돌\s*토?\s*돌|오돌도돌|울퉁불퉁|자잘하게\s*올라"),
    (
        Concern.DRYNESS,
        r"건조|쩍쩍|쩌억|당기|당겨|당김|땅기|땅겨|땡겨|땡기|땡김|땅김|푸석|메마|바짝\s*마|말라요|수분\s*(?:부족(?!\s*(?:형\s*)?지성)|이\s*없)",
    ),
    (Concern.WRINKLES, r"주름|탄력|처지|처져|쳐지|쳐져|늘어[져지]|노화|안티\s*에이징|팔자"),
    (
        Concern.SPOTS,
        r"잡티|기미|주근깨|미백|칙칙(?!\s*뿌)|흉터|자국|톤\s*업|색소|거뭇|얼룩덜룩|피부\s*톤|안색|까매",
    ),
)
_SKINS: Final = (
    (SkinType.VERY_DRY, r"악\s*건성|극\s*건성"),
    (SkinType.DRY, r"(?<![악극])(?<![악극]\s)건성"),
    (SkinType.NORMAL, r"중성(?!\s*(?:세제|지방|화|적))"),
    (SkinType.COMBINATION, r"복합성|복합\s*피부|수부지|수분\s*부족\s*(?:형\s*)?지성|티존만"),
    (
        SkinType.OILY,
        r"(?<!부족)(?<!부족\s)(?<!부족형)(?<!부족형\s)(?<![감이])지성(?!인\b|미)"
        r"|번들|개기름|기름[진지져짐](?!\s*(?:거|것|크림|제형))|유분\s*(?:이|도)?\s*(?:많|심)",
    ),
    (SkinType.SENSITIVE, r"민감|예민"),
)
_CONCERN: Final = tuple((one, re.compile(words, re.IGNORECASE)) for one, words in _CONCERNS)
_SKIN: Final = tuple((one, re.compile(words)) for one, words in _SKINS)
_FILLING: Final = (
    r"(?:하지[는도]?|하진|하거나|하|한|지[는도]?|진|성|나지|나진|들|이|가|은|는|도|을|를|\s|아직|딱히|별로|전혀|하나도"
    r"|거의|그닥|고민|걱정|문제|피부|편|같은|건|거|것|쪽|때문|생기지|생기진|심하지|심하진|있지|있진|많지|많진)*"
)
_DENIED: Final = re.compile(
    rf"{_FILLING}(?:없(?!애|앨|앴|어지|어졌|나요|을까|어질)|아니(?!에요\s*\?|야\s*\?)|아닌(?!가|지)|아님|아녜|(?<=아직)(?:이[고라에야]|은\s*(?:괜찮|모르))"
    r"|않(?!게|도록|은\s*(?:크림|토너|로션|세럼|에센스|오일|제품|거|걸))"
    r"|안\s*(?:나(?!게|는\s*(?:크림|토너|로션|세럼|제품|거))|생[기겨김]|심[해하함]|건조[해하함]|당[겨기]|땅[겨기]|예민|민감|붉|빨)"
    r"|말고|빼고|(?<=[은는])\s*괜찮(?:은데|고|아[요서]|음)|(?<=[은는])\s*됐)"
)
_LISTED: Final = re.compile(
    r"\s*(?:이나|나|이랑|랑|와|과|도|하고|이며|,|·|/|및)?\s*(?:피부)?\s*(?:,|·|/)?\s*"
)


@dataclass(frozen=True, slots=True)
class Skin:
    """Of a text; nothing is in both."""

    types: tuple[SkinType, ...]
    concerns: tuple[Concern, ...]
    not_concerns: tuple[Concern, ...]


def skin(text: str) -> Skin:
    """`text` without the names of products: «콜라겐 탄력 에센스» tells of no wrinkles."""
    types = dict.fromkeys(
        one for one, match in _found(text, _SKIN) if not _DENIED.match(text, match.end())
    )
    held, denied = _sorted(text)
    return Skin(
        tuple(types),
        tuple(one for one in held),
        tuple(one for one in denied if one not in held),
    )


def _sorted(text: str) -> tuple[dict[Concern, None], dict[Concern, None]]:
    """Concerns that are there and that are denied, in their order: in «여드름이나 홍조는 없어요»
    the denial of the last is one of all that are listed with it."""
    places = list(_found(text, _CONCERN))
    held: list[Concern] = []
    denied: list[Concern] = []
    after_is_denied, next_starts = False, -1
    for concern, match in reversed(places):
        listed = next_starts >= 0 and _LISTED.fullmatch(text, match.end(), next_starts)
        is_denied = bool(_DENIED.match(text, match.end())) or bool(listed and after_is_denied)
        (denied if is_denied else held).append(concern)
        after_is_denied, next_starts = is_denied, match.start()
    return dict.fromkeys(reversed(held)), dict.fromkeys(reversed(denied))


def _found(
    text: str, words: tuple[tuple[T, re.Pattern[str]], ...]
) -> Iterator[tuple[T, re.Match[str]]]:
    """In the order in which they stand."""
    matches = [(one, match) for one, pattern in words for match in pattern.finditer(text)]
    yield from sorted(matches, key=lambda pair: pair[1].start())


# --- what a person tells of themself ------------------------------------------------------------

_CLAUSE: Final = re.compile(
    r"[.!?\n,;~]+|(?<=[가-힣](?:데|고|라|서|만))\s+|(?<=라서)\s+|(?<=지만)\s+|(?<=거든요)\s+"
)
_OTHERS: Final = re.compile(
    r"엄마|어머니|아빠|아버지|친구|동생|언니|오빠|누나|형이|형은|남편|아내|와이프|남친|여친|남자\s*친구|여자\s*친구|딸|아들"
    r"|아이가|애가|아기|조카|부모님|할머니|할아버지|이모|고모|삼촌|시어머니|장모|선생님|선배|후배|직장|동료|사람들|걔|얘가|그분|손님|분들"
)
_SELF: Final = re.compile(
    r"(?:^|\s)(?:저는|저도|전|저|제가|제|나는|나도|난|나|내가|내)(?=\s|$)|제\s*피부|내\s*피부|본인"
)
_IS: Final = re.compile(
    r"\s*(?:성)?\s*(?:피부)?\s*(?:타입)?\s*(?:이에요|예요|에요|이예요|입니다|이야(?!\s*\?)|야(?=\s*$)|인데|이라서|이라|라서|라(?=\s|$)"
    r"|임(?=\s|$)|이고|이며|이거든|거든|인편|인\s*편|한데|해요|해서|하고|하거든|한\s*편|해졌|합니다|함(?=\s|$)|이지만|지만|$)"
)
_TROUBLED: Final = re.compile(
    r"고민|걱정|심해|심한데|심함|심하고|많아|많은데|많은\s*편|자주|자꾸|계속|있어(?:요|서)|있는데|있고|나요|나서|나는데|잘\s*나|생겨|생기|올라와|신경"
    r"|늘었|늘어|커져|커서|넓어|넓은데|해요|한데|해서|하고|함$|져요|져서|지는데|지는\s*편|겨요|겨서|기는데|개는|개지|ㅠ|때문"
)
_ASKS: Final = re.compile(
    r"(?:쓰면|바르면|써도|발라도|쓰고도|맞[을나는아]|좋은|좋[아을]|추천|효과|어때|괜찮|유발|막[나히]|용\b)|[?？]"
)
_AGE: Final = re.compile(r"(?P<decade>[1-6])0\s*대|(?P<age>[1-6]\d)\s*(?:살|세)")
_GENDERS: Final = (
    (
        Gender.FEMALE,
        re.compile(r"여자(?:예요|에요|인데|입니다|임|이고|고|라)|여성(?:이에요|인데|입니다|이고)"),
    ),
    (
        Gender.MALE,
        re.compile(r"남자(?:예요|에요|인데|입니다|임|이고|고|라)|남성(?:이에요|인데|입니다|이고)"),
    ),
)


def said(text: str) -> SkinProfile:
    """What the text tells of whoever wrote it: «저는 수부지예요», not «건성에 좋은 크림», and
    nothing of a friend. Products' names are to be out of it."""
    types: list[SkinType] = []
    concerns: list[Concern] = []
    age: AgeBand | None = None
    gender: Gender | None = None
    of_self = True
    for clause, asks in _clauses(text):
        of_self = _is_of_self(clause, of_self)
        if not of_self:
            continue
        types += _own_types(clause)
        concerns += _own_concerns(clause, asks)
        age = age or _own_age(clause)
        gender = gender or next((one for one, words in _GENDERS if words.search(clause)), None)
    return SkinProfile(
        age_band=age,
        gender=gender,
        skin_type=next(iter(types), None),
        concerns=tuple(dict.fromkeys(concerns)),
    )


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Clauses, and whether a question mark ends them."""
    start = 0
    for match in _CLAUSE.finditer(text):
        if clause := text[start : match.start()].strip():
            yield clause, "?" in match[0]
        start = match.end()
    if clause := text[start:].strip():
        yield clause, False


def _is_of_self(clause: str, before: bool) -> bool:
    if _OTHERS.search(clause):
        return False
    return True if _SELF.search(clause) else before


def _own_types(clause: str) -> Iterator[SkinType]:
    for one, match in _found(clause, _SKIN):
        rest = clause[match.end() :]
        bare = not rest.strip() and not _SELF.search(clause)
        if _IS.match(rest) and not bare and not _DENIED.match(rest):
            yield one


def _own_concerns(clause: str, asks: bool) -> Iterator[Concern]:
    if asks or (_ASKS.search(clause) and not re.search("고민|걱정", clause)):
        return
    if re.search(r"(?:고민|걱정)\s*(?:에|인\s*(?:피부|사람)|용|있는\s*사람)", clause):
        return
    if _TROUBLED.search(clause):
        yield from skin(clause).concerns


def _own_age(clause: str) -> AgeBand | None:
    found = _AGE.search(clause)
    told = found and re.match(
        r"\s*(?:초반|중반|후반)?\s*(?:여자|남자|여성|남성)?\s*(?:이에요|예요|에요|인데|입니다|이고|고|라|임|이라)",
        clause[found.end() :],
    )
    if not found or not (told or _SELF.search(clause)):
        return None
    decade = int(found["decade"] or found["age"][0])
    return list(AgeBand)[min(decade, 6) - 1]
