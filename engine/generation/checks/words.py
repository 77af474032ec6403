"""Words as the checks compare them."""

from functools import lru_cache

from engine.parsing.korean import squeeze


def words(text: str) -> frozenset[str]:
    """A list of words, parted by blanks and line ends."""
    return frozenset(text.split())


@lru_cache(4096)
def flat(text: str) -> str:
    """`squeeze`, remembered: a passage is asked of for every sentence, a letter for every word."""
    return squeeze(text)
