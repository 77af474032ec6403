"""Which of the products that were found suit a wish best, by what their reviews say."""

from collections.abc import Sequence

from engine.generation.product_words import Sides, Wish

PRIOR = 8
"""Reviews' worth of the middle that a rating is drawn towards."""
MIDDLE = 3.8
WORTH_SHOWING = 3.7
"""Mean ratings under this are shown only where there is nothing better."""
NEARNESS = 0.6
"""What the first place in the retrieval is worth over the last, in points of rating."""


def ranked(cases: Sequence[Sides], wish: Wish) -> list[Sides]:
    """On sale and within the budget, best first. `cases` come in the order of the retrieval."""
    able = [case for case in cases if case.facts.on_sale and _affordable(case, wish)]
    fit = [case for case in able if (case.facts.rating or 0) >= WORTH_SHOWING] or able
    scores = {
        id(case): _fit(case, wish) - NEARNESS * place / max(len(fit), 1)
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
    return drawn + effects / max(case.reviews.reviews, PRIOR) + (gentle if wish.gentle else 0)
