"""What a wish asks of a product beside its conditions: effects that it says outright, how it shall
feel, and words of products' names. Pure.

«쫀쫀한 진정 토너» wants an effect, a feel and a category; its reviews tell of the first two.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from engine.domain import Effect
from engine.parsing.korean import squeeze

_EFFECTS: Final = (
    (Effect.MOISTURE, r"보습|촉촉|수분|수부지|에어컨|히터|난방|물광|속보습|영양"),
    (Effect.SOOTHING, r"진정|수딩|카밍|가라앉|달래"),
    (Effect.AGEING, r"탄력|주름|미백|톤\s*업|브라이트닝|안티\s*에이징|리프팅|화이트닝"),
)
_FEELS: Final = (
    (
        "가벼워요",
        r"가볍|가벼[운워]|산뜻|물\s*처럼|물\s*같|라이트|(?:안|덜)\s*(?:무거|답답)"
        r"|(?:무겁|답답|부담)[가-힣]*\s*(?:않|없)|보송",
    ),
    ("쫀쫀해요", r"쫀쫀|쫀득|찰진|쫄깃|점성|안\s*흐르"),
    ("꾸덕해요", r"꾸덕|되직|묵직|도톰|고보습|진한\s*(?:크림|제형|질감)|밀도|리치한"),
    ("젤 같아요", r"젤\s*(?:크림|로션|타입|제형|같|형)|수분\s*젤"),
    ("우유 같아요", r"우유\s*(?:같|처럼|제형)|밀키"),
    ("시원해요", r"시원|쿨링|열\s*(?:내[려리]|오[른르]|식)|(?:얼굴|피부)\s*열"),
    (
        "끈적이지 않아요",
        r"(?:안|덜)\s*(?:끈적|번들|미끈)|(?:끈적|번들|미끈|개기름)[가-힣]*\s*(?:건\s*|거\s*|느낌\s*)?(?:않|없|싫|시러|말고)",
    ),
    ("밀리지 않아요", r"안\s*밀[려리]|밀[리려림]\S*\s*(?:안|않|없|싫)|화장\s*(?:잘\s*)?먹"),
    ("흡수가 빨라요", r"흡수|스[며미]"),
    (
        "향이 좋아요",
        r"향[기이도은]?\s*(?:\S+\s)?(?:좋|은은|예쁜|이쁜|나는\s*(?:거|걸))|향기로운|향긋",
    ),
    ("촉촉해요", r"촉촉"),
    ("부드럽게 발려요", r"발림|부드럽게|잘\s*펴"),
    ("양이 넉넉해요", r"양[이은도]?\s*(?:많|넉넉)"),
    ("가성비가 좋아요", r"가성비|혜자|값\s*대비"),
    ("트러블이 안 나요", r"트러블\s*(?:안|없)|뒤집[어혀][가-힣]*\s*(?:않|안|없)|안\s*뒤집"),
)
_EFFECT: Final = tuple((one, re.compile(words)) for one, words in _EFFECTS)
_FEEL: Final = tuple((label, re.compile(words)) for label, words in _FEELS)
_GOODS: Final = "크림|토너|스킨|로션|에센스|세럼|앰플|미스트|오일|에멀전|에멀젼"
_GOOD: Final = frozenset(_GOODS.split("|"))
_PARTICLE: Final = re.compile(r"(?:이나|이랑|랑|으로|로|든|들어간)?")
_WORD: Final = re.compile(r"[^\W_]+")


def effects(text: str) -> tuple[Effect, ...]:
    """«진정 크림» wants soothing, though it names no concern."""
    return tuple(one for one, words in _EFFECT if words.search(text))


def feels(text: str) -> tuple[str, ...]:
    """What reviews shall say of it, as `engine.parsing.opinions` counts it."""
    return tuple(label for label, words in _FEEL if words.search(text))


def words(text: str) -> tuple[str, ...]:
    """The wish word by word, squeezed."""
    return tuple(map(squeeze, _WORD.findall(text)))


def named_by(words: Sequence[str], name: str) -> int:
    """How many words of a product's name, its category's aside, the wish says: «수분젤크림» says
    two of «빙하 수분 젤 크림»."""
    return sum(any(_says(word, token) for word in words) for token in _tokens(name))


def _tokens(name: str) -> Iterator[str]:
    return (token for token in map(squeeze, name.split()) if token and token not in _GOOD)


def _says(word: str, token: str) -> bool:
    if len(token) > 1:
        return word.startswith(token) or (len(word) > len(token) and _is_before_goods(token, word))
    return _PARTICLE.fullmatch(word.removeprefix(token)) is not None or _is_before_goods(
        token, word
    )


def _is_before_goods(token: str, word: str) -> bool:
    return re.search(rf"{re.escape(token)}(?:{_GOODS}|타입|제형)", word) is not None
