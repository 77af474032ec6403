"""Which of the products that were found suit a wish best, by what their reviews say."""

from collections import Counter
from collections.abc import Sequence

from engine.generation.facts import ReviewFacts
from engine.generation.product_words import Sides, Wish
from engine.generation.wants import named_by
from engine.parsing.measure import Extreme, amount
from engine.parsing.opinions import contrary

PRIOR = 8
"""Reviews' worth of the middle that a rating is drawn towards."""
MIDDLE = 3.8
WORTH_SHOWING = 3.7
"""Mean ratings under this are shown only where there is nothing better."""
NAMED = 0.8
"""What each word of its name that the wish says is worth, in points of rating; two at most."""
FEEL = 2
HELP = 0.8
LIKE = 2.0
"""What it is worth to hold all that sets the product apart which it shall be like."""
NEARNESS = 0.6
"""What the first place in the retrieval is worth over the last, in points of rating."""


def ranked(cases: Sequence[Sides], wish: Wish) -> list[Sides]:
    """On sale and within the budget, best first. `cases` come in the order of the retrieval."""
    able = [case for case in cases if case.facts.on_sale and _affordable(case, wish)]
    fit = [case for case in able if (case.facts.rating or 0) >= WORTH_SHOWING] or able
    if wish.extreme is not None and (ends := _at_the_end(able, wish.extreme)):
        return ends
    apart = _apart(wish.like, fit)
    scores = {
        id(case): _fit(case, wish) + _likeness(case, apart) - NEARNESS * place / max(len(fit), 1)
        for place, case in enumerate(fit)
    }
    return sorted(fit, key=lambda case: -scores[id(case)])


def _affordable(case: Sides, wish: Wish) -> bool:
    if wish.budget is None:
        return True
    price = case.facts.price
    return price is not None and wish.budget.low <= price <= wish.budget.high


def _fit(case: Sides, wish: Wish) -> float:
    """Rating in [1, 5], moved by the shares in [0, 1] that name the effects or call it gentle."""
    if case.reviews is None:
        return MIDDLE - 1
    skin = case.skin(wish.skin_type)
    count, rating = (
        (skin.reviews, skin.rating) if skin else (case.reviews.reviews, case.reviews.rating)
    )
    drawn = (rating * count + MIDDLE * PRIOR) / (count + PRIOR)
    effects = sum(case.reviews.effects.get(effect, 0) for effect in wish.effects)
    gentle = case.gentle_share or 0.0
    told = effects + sum(_felt(case.reviews, label) for label in wish.feels)
    named = NAMED * min(named_by(wish.words, case.facts.name), 2)
    return (
        drawn
        + told / max(case.reviews.reviews, PRIOR)
        + (gentle if wish.gentle else 0)
        + named
        + _helping(case, wish)
    )


def _apart(formula: Sequence[str], cases: Sequence[Sides]) -> list[str]:
    """What of a formula sets it apart: most of the cases do not hold it."""
    held = Counter(name for case in cases for name in {*case.formula})
    return [name for name in formula if held[name] * 2 < len(cases)]


def _likeness(case: Sides, apart: Sequence[str]) -> float:
    return LIKE * sum(name in case.formula for name in apart) / len(apart) if apart else 0.0


def _felt(reviews: ReviewFacts, label: str) -> int:
    """Reviews that say so, less those that say the contrary; each counts double, since of a feel
    few speak."""
    against = contrary(label)
    said = reviews.feel.get(label, 0) + reviews.praise.get(label, 0)
    return FEEL * (said - reviews.feel.get(against, 0) - reviews.blame.get(against, 0))


def _helping(case: Sides, wish: Wish) -> float:
    """In [0, HELP]: the best known of what helps counts whole, the last least."""
    held = [place for place, name in enumerate(wish.helps) if name in case.formula]
    return HELP * (1 - held[0] / len(wish.helps)) if held else 0.0


def _at_the_end(cases: Sequence[Sides], extreme: Extreme) -> list[Sides]:
    """Those whose price or size is known, the utmost first."""
    known = [(figure, case) for case in cases if (figure := _figure(case, extreme)) is not None]
    return [
        case
        for _, case in sorted(known, key=lambda pair: pair[0], reverse=not extreme.lowest_first)
    ]


def _figure(case: Sides, extreme: Extreme) -> float | None:
    return case.facts.price if extreme.of_price else amount(case.facts.volume)
