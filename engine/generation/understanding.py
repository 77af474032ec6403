"""What a question wants: the rules where they must not fail, a small classifier for the rest, a
language model only where that is unsure; and what it refers to of what was spoken of before."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from langchain_core.embeddings import Embeddings

from engine.domain import Concern, DocumentKind, Named, Question, SkinProfile, Talk
from engine.errors import ModelUnavailable
from engine.generation import cues
from engine.generation.classifier import NOTHING, Classifier
from engine.generation.intent import Aspect, Intent, Understanding, heard, understand
from engine.generation.model import LanguageModel
from engine.generation.prompts import which_intent
from engine.generation.refusal import refused
from engine.parsing.korean import squeeze
from engine.parsing.privacy import mask

SURE_FROM: Final = 0.5
"""Probability; under it half of the guesses are wrong."""
PATIENCE: Final = 1.5
"""Seconds that a language model has to choose."""
TEXT_AT_MOST: Final = 400
"""Characters that are looked at."""
SPOKEN_OF: Final = 5
RECALLED: Final = 120
"""Characters of a question that are remembered for the next."""

_OF_DATA: Final = frozenset(
    {Intent.RECOMMEND, Intent.PRODUCT, Intent.INGREDIENT, Intent.COMPARE, Intent.ROUTINE}
)
_CARRIED: Final = _OF_DATA | {Intent.CONCERN}
"""What a follow-up may want again."""
_MISTAKEN: Final = frozenset({Intent.CONCERN, Intent.ROUTINE, Intent.UNCLEAR, Intent.CHITCHAT})
"""What a wish for goods that tells much beside it may be taken for."""
_LENT: Final = frozenset({Intent.PRODUCT, Intent.CHITCHAT, Intent.UNCLEAR, Intent.SHOP})
FOUL: Final = re.compile(
    r"ㅅㅂ|ㅆㅂ|씨발(?!효)|(?<![다역혹또])시발(?![라랐르림효점])|ㅂㅅ|병신|개새끼|닥쳐|지랄|좆|fuck",
    re.IGNORECASE,
)
_SELLERS: Final = re.compile(
    r"배송|배달|택배|송장|환불|반품|쿠폰|할인권|적립금|마일리지|영업\s*시간|고객\s*센터|결제|재입고"
    r"|재고|정품|진품|짝퉁|체험분|돈\s*돌려|주문\s*취소|가게\s*위치|문\s*(?:여[나는시]|열어|닫[나는아])"
)
_WHICH: Final = re.compile(
    r"(?:무슨|어떤|어느|무엇|뭐|좋은|맞는|도움\s*되는)\s*(?:\S+\s*)?(?:성분|원료)"
)
_WITH: Final = re.compile(r"같이|함께|섞|다음에|전에|먼저|순서")
"""A question of the routine that short words put to what was spoken of."""
_ORDINALS: Final = (
    r"첫\s*번?째|(?<!\d)1\s*번(?!\s*이상)|처음\s*(?:거|것|제품)|맨\s*(?:위|앞|처음)",
    r"두\s*번?째|둘째|(?<!\d)2\s*번",
    r"세\s*번?째|셋째|(?<!\d)3\s*번",
    r"네\s*번?째|넷째|(?<!\d)4\s*번",
    r"다섯\s*번?째|(?<!\d)5\s*번",
)
_LAST: Final = re.compile(
    r"마지막\s*(?:거|건|것|제품|크림|토너|로션|세럼|추천)|맨\s*(?:끝|뒤|아래|밑)"
)
_PAIR: Final = re.compile(r"둘\s*(?:중|이|다|을|의)|두\s*(?:제품|개|가지)|(?<!\S)이\s*둘")
_ALL: Final = re.compile(
    r"셋\s*(?:중|이|다)|세\s*(?:제품|개|가지)|(?:이|그|저)\s*중|(?:이|그)것?들|전부|다\s*비교"
)
_THAT: Final = re.compile(
    r"(?:^|\s)(?:그|이|저)(?:거|건|게|것|걸|거는|거랑|놈)|(?:그|이|저|아까|방금)\s*(?:제품|크림|토너|로션|세럼|에센스|앰플|미스트|오일|스킨|성분|화장품)"
    r"|방금|아까|거기|걔|얘|위에\s*(?:거|것|제품)"
)
_THEN: Final = re.compile(r"^(?:그럼|그러면|근데|그런데|그리고|아니|음|아|오|혹시|또|됐고)")
_ELLIPTIC: Final = re.compile(
    r"^(?:(?:그럼|그러면|근데|그런데|그리고)\s*)?(?:\S+\s+)?\S+(?:은|는|은요|는요|한테는|한테는요)\s*[?？~.]*$"
)
_ASKS_FOR: Final = re.compile(
    r"(?:크림|토너|로션|에센스|세럼|앰플|미스트|오일|에멀[전젼]|스킨|제품|거|것)[가-힣]{0,2}\s*(?:좀\s*|뭐\s*)?"
    r"(?:있(?:나|어|을|음|냐)\S*|추천\S*|골라\s?\S*|꼽아\s?\S*|찾[아는고]\S*)\s*[?？~.!ㅠㅋㅎ]*$"
)
_NARROWS: Final = re.compile(
    r"(?:걸로|거로|것으로|거루|걸루|쪽으로|말고|빼고)(?:는|만|요|여|욤|용|좀|\s|주세요|해\s?줘|부탁\S*|추천\S*|보여\s?줘\S*)*"
    r"[.!?~ㅠㅋㅎ]*$"
)
_KIND: Final = re.compile(r"크림|토너|로션|에센스|세럼|앰플|미스트|오일|에멀[전젼]|스킨")
_SORT: Final = re.compile(
    r"(?<![그이저])[가-힣a-z]{2,}(?:크림|토너|로션|에센스|세럼|앰플|미스트|오일|에멀전|스킨)"
)
SHORT: Final = 16
"""Letters of a question that leans on what was said before, where it names nothing itself."""


class Names(Protocol):
    """`engine.retrieval.hybrid.HybridRetriever`, seen from here."""

    def named(self, question: str) -> Sequence[Named]: ...


class Understander:
    """Reads questions over one index's names. `embeddings` are always the default embedder's, for
    which the classifier was trained, whatever the index uses."""

    def __init__(
        self,
        names: Names,
        embeddings: Embeddings,
        model: LanguageModel | None = None,
        classifier: Classifier | None = None,
        *,
        abroad: bool = False,
    ) -> None:
        """`abroad`: the model's server stands abroad, and is asked only for those who agreed."""
        self._names = names
        self._embeddings = embeddings
        self._model = model
        self._classifier = classifier or Classifier.open()
        self._abroad = abroad

    async def understand(self, question: Question) -> Understanding:
        found = await asyncio.to_thread(self.read, question)
        if found.sure or self._model is None or not self._may_ask(question):
            return found
        chosen = await self._chosen(self._model, question.text)
        if chosen in (None, found.intent):
            return found
        return await asyncio.to_thread(self.read, question, chosen)

    def read(self, question: Question, chosen: Intent | None = None) -> Understanding:
        """Without a language model, whose choice may be handed in."""
        text = question.text[:TEXT_AT_MOST]
        named = self._names.named(text)
        found = understand(text, _less_products(text, named), question.text)
        intent, sure = chosen, True
        if found.flag is not None:
            intent = Intent.MEDICAL
        elif intent is None:
            intent, sure = self._intent(text, named, question.talk, found)
        found = replace(
            found,
            intent=intent,
            sure=sure,
            cheaper=found.cheaper and bool(named or question.talk.products),
            lost=_THAT.search(text) is not None and not named and question.talk == Talk(),
            said=_news(found.said, question.profile),
        )
        if found.intent is Intent.RECOMMEND:
            found = self._refusing(found, text, named, question.talk)
        return _referring(_naming(found, named), text, question.talk)

    def _refusing(
        self, found: Understanding, text: str, named: Sequence[Named], talk: Talk
    ) -> Understanding:
        """With the ingredients that a wish refuses, also in what it leans on, however it says so:
        «레티놀은 겁나서»."""
        if leans(text, talk):
            text, named = f"{talk.question}\n{text}", (*self._names.named(talk.question), *named)
        ingredients = (one.words for one in named if one.kind is DocumentKind.INGREDIENT)
        known = {squeeze(name) for name in found.without}
        more = (name for name in refused(text, ingredients) if name not in known)
        return replace(found, without=(*found.without, *more))

    def _intent(
        self, text: str, named: Sequence[Named], talk: Talk, found: Understanding
    ) -> tuple[Intent, bool]:
        if FOUL.search(cues.masked(text, named)):
            return Intent.ABUSE, True
        if not squeeze(text):
            return Intent.UNCLEAR, True
        if _SELLERS.search(text) and not named:
            return Intent.SHOP, True
        intent, sure = self._guess(text, named, talk)
        if talk.question and _fills(text, found, named):
            earlier, _ = self._guess(talk.question, self._names.named(talk.question), NOTHING)
            return (earlier, True) if earlier in _CARRIED else (intent, sure)
        if intent in _MISTAKEN and not named and _ASKS_FOR.search(text.strip()):
            return Intent.RECOMMEND, True
        if found.cheaper and talk.products and not _PAIR.search(text) and intent in _LENT:
            return Intent.RECOMMEND, True
        return intent, sure

    def _guess(self, text: str, named: Sequence[Named], talk: Talk) -> tuple[Intent, bool]:
        guess = self._classifier.guess(self._embeddings.embed_query(text), text, named, talk)
        return guess.intent, guess.probability >= SURE_FROM

    def _may_ask(self, question: Question) -> bool:
        return not question.spent and (question.abroad or not self._abroad)

    async def _chosen(self, model: LanguageModel, text: str) -> Intent | None:
        asked = mask(text[:TEXT_AT_MOST]) if self._abroad else text[:TEXT_AT_MOST]
        with suppress(ModelUnavailable, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                return Intent(await model.choose(which_intent(asked), CHOICES))
        return None


CHOICES: Final = tuple(one.value for one in Intent if one is not Intent.UNCLEAR)


def next_talk(
    question: Question,
    understood: Understanding,
    products: Iterable[str] = (),
    ingredients: Iterable[str] = (),
) -> Talk:
    """What the next question may refer to, after an answer that showed these keys and names.

    Named ones come first, then what was shown; where there is neither, what was spoken of before
    stays, and small talk in between changes nothing. A question that leans on the one before is
    remembered with it.
    """
    if understood.intent not in _CARRIED | {Intent.UNCLEAR}:
        return question.talk
    meant = () if understood.cheaper or understood.alike else understood.products
    spoken = Talk(
        tuple(dict.fromkeys((*meant, *products)))[:SPOKEN_OF],
        tuple(dict.fromkeys((*understood.ingredients, *ingredients)))[:SPOKEN_OF],
        recalled(question, understood),
    )
    if spoken.products or spoken.ingredients:
        return spoken
    return replace(question.talk, question=spoken.question)


def recalled(question: Question, understood: Understanding) -> str:
    """The question in RECALLED characters, with the earlier one in front where it leans on that."""
    text = " ".join(question.text.split())
    spoken = {*question.talk.products, *question.talk.ingredients}
    own = not spoken.issuperset((*understood.products, *understood.ingredients))
    if leans(text, question.talk, own):
        whole = f"{question.talk.question} {text}".strip()
        if len(whole) <= RECALLED:
            return whole
    return text[:RECALLED]


def _fills(text: str, found: Understanding, named: Sequence[Named]) -> bool:
    """«건성은요?», «그럼 로션은?», «글리세린은?»: the earlier wish with another word in it; and
    what narrows it: «끈적이지 않는 걸로요»."""
    if _NARROWS.search(text.strip()) and len(squeeze(text)) <= SHORT:
        return True
    if not _ELLIPTIC.match(text.strip()) or _THAT.search(text):
        return False
    return bool(found.skin_types or found.budget or named or _KIND.search(text))


def leans(text: str, talk: Talk, names_its_own: bool = False) -> bool:
    """Whether a question says only half of what it wants: «더 싼 건?», «건성은요?»."""
    if not talk.question or (names_its_own and not _refers(text)):
        return False
    return _refers(text) or _is_bare(text)


# --- names --------------------------------------------------------------------------------------


def _less_products(text: str, named: Iterable[Named]) -> str:
    """The text less the words of products' names."""
    for one in named:
        if one.kind is DocumentKind.PRODUCT:
            letters = r"[\s·./()+-]*".join(map(re.escape, one.words))
            text = re.sub(letters, " ", text, flags=re.IGNORECASE)
    return text


def _naming(found: Understanding, named: Sequence[Named]) -> Understanding:
    """With what is named; ingredients that it shall not hold are not what is meant."""
    unwanted = {squeeze(name) for name in found.without}
    products = [key for one in named if one.kind is DocumentKind.PRODUCT for key in one.keys]
    ingredients = [
        one.keys[0]
        for one in named
        if one.kind is DocumentKind.INGREDIENT
        and one.words not in unwanted
        and squeeze(one.keys[0]) not in unwanted
    ]
    return replace(
        found,
        products=tuple(dict.fromkeys(products))[:SPOKEN_OF],
        ingredients=tuple(dict.fromkeys(ingredients))[:SPOKEN_OF],
    )


def _news(said: SkinProfile, known: SkinProfile) -> SkinProfile:
    """What the profile does not hold yet."""
    return SkinProfile(
        age_band=said.age_band if said.age_band != known.age_band else None,
        gender=said.gender if said.gender != known.gender else None,
        skin_type=said.skin_type if said.skin_type != known.skin_type else None,
        concerns=tuple(one for one in said.concerns if one not in known.concerns),
    )


# --- what was spoken of -------------------------------------------------------------------------


def _referring(found: Understanding, text: str, talk: Talk) -> Understanding:
    """With what the question refers to of what was spoken of, and the earlier wish where it says
    only half of one."""
    if talk == Talk() or found.intent not in _OF_DATA | {Intent.CONCERN, Intent.UNCLEAR}:
        return found
    found = _mending(found, text, talk)
    match found.intent:
        case Intent.COMPARE:
            found = _compared(found, text, talk)
        case Intent.INGREDIENT:
            found = _of_ingredient(found, text, talk)
        case Intent.PRODUCT | Intent.ROUTINE:
            found = _of_product(found, text, talk)
        case Intent.RECOMMEND if found.cheaper or found.alike:
            found = replace(
                found, products=found.products or _pointed(text, talk)[:1] or talk.products[:1]
            )
        case _:
            pass
    return _carrying(found, text, talk)


def _mending(found: Understanding, text: str, talk: Talk) -> Understanding:
    """«성분은?» after a product asks of that product; «부작용은?» after an ingredient of that."""
    names = bool(found.products or found.ingredients)
    if names or not (_refers(text) or _is_bare(text)):
        return found
    formula = Aspect.FORMULA in found.aspects
    if found.intent is Intent.INGREDIENT and talk.products and (formula or not talk.ingredients):
        return replace(found, intent=Intent.PRODUCT)
    if found.intent is Intent.PRODUCT and talk.ingredients and not talk.products:
        return replace(found, intent=Intent.INGREDIENT)
    return found


def _compared(found: Understanding, text: str, talk: Talk) -> Understanding:
    """Two at least: those pointed at, those named, and what was spoken of where one is lacking."""
    if talk.ingredients and (found.ingredients or not talk.products) and not found.products:
        both = dict.fromkeys((*talk.ingredients[:1], *found.ingredients, *talk.ingredients))
        if len(found.ingredients) < 2:
            return replace(found, ingredients=tuple(both)[: max(2, len(found.ingredients) + 1)])
        return found
    if len(found.products) >= 2 or (len(found.ingredients) >= 2 and not found.products):
        return found
    pointed = _pointed(text, talk)
    lacking = max(0, 2 - len(pointed) - len(found.products))
    rest = [key for key in talk.products if key not in (*pointed, *found.products)][:lacking]
    all_of_them = dict.fromkeys((*rest, *pointed, *found.products))
    return replace(found, products=tuple(all_of_them)[:SPOKEN_OF])


def _of_ingredient(found: Understanding, text: str, talk: Talk) -> Understanding:
    """«그건 자연 유래야?»; not «모공엔 무슨 성분이 좋아?», which asks for others."""
    asks_which = bool(found.concerns) and _WHICH.search(text) is not None
    if found.ingredients or found.products or asks_which:
        return found
    if not (_refers(text) or _is_bare(text)):
        return found
    return replace(found, ingredients=talk.ingredients[:1])


def _of_product(found: Understanding, text: str, talk: Talk) -> Understanding:
    """«두 번째 건 얼마야?», «알코올 들어 있어?»; not «달빛 크림 얼마야?», which names
    another."""
    if found.products:
        return found
    pointed = _pointed(text, talk)
    if pointed:
        return replace(found, products=pointed)
    if not _is_bare(text):
        return found
    if found.intent is Intent.ROUTINE and (_KIND.search(text) or not _WITH.search(text)):
        return found  # «토너 다음엔 뭐 발라요?»
    ingredients = found.ingredients or (() if talk.products else talk.ingredients[:1])
    return replace(found, products=talk.products[:1], ingredients=ingredients)


def _carrying(found: Understanding, text: str, talk: Talk) -> Understanding:
    """«건성은요?» takes over the earlier wish, less what it says itself; what the person told of
    their own skin holds for whatever they wish next."""
    if found.intent not in (Intent.RECOMMEND, Intent.CONCERN, Intent.COMPARE):
        return found
    before = heard(talk.question)
    types, concerns = before.skin_types, before.concerns
    if not leans(text, talk, bool(found.ingredients)):
        own = before.said.skin_type
        types, concerns = ((own,) if own else ()), before.said.concerns
        before = replace(before, not_concerns=(), without=(), beyond=(), budget=None)
    return replace(
        found,
        skin_types=found.skin_types or types,
        concerns=found.concerns or _except(concerns, found.not_concerns),
        not_concerns=found.not_concerns or _except(before.not_concerns, found.concerns),
        without=tuple(dict.fromkeys((*before.without, *found.without))),
        beyond=tuple(dict.fromkeys((*before.beyond, *found.beyond))),
        budget=found.budget or before.budget,
    )


def _except(concerns: Iterable[Concern], others: Sequence[Concern]) -> tuple[Concern, ...]:
    return tuple(one for one in concerns if one not in others)


def _pointed(text: str, talk: Talk) -> tuple[str, ...]:
    """Keys of the products that the question points at, in its order of mention."""
    there = talk.products
    by_place = [
        (match.start(), there[place])
        for place, words in enumerate(_ORDINALS)
        for match in re.finditer(words, text)
        if place < len(there)
    ]
    by_place += [(match.start(), there[-1]) for match in _LAST.finditer(text) if there]
    if by_place:
        return tuple(dict.fromkeys(key for _, key in sorted(by_place)))
    if _PAIR.search(text):
        return there[:2]
    if _ALL.search(text):
        return there[:3]
    return there[:1] if _THAT.search(text) else ()


def _refers(text: str) -> bool:
    patterns = (_LAST, _PAIR, _ALL, _THAT, *map(re.compile, _ORDINALS))
    return any(pattern.search(text) for pattern in patterns) or bool(_THEN.search(text.strip()))


def _is_bare(text: str) -> bool:
    """Whether it can only be of what was spoken of: short, and of no product of its own."""
    told = squeeze(text)
    if _SORT.search(text.casefold()) or _SORT.search(told):
        return bool(_ELLIPTIC.match(text.strip()))
    return len(told) <= SHORT
