"""Hangul as the strokes of a phone's keyboard: what one types, also before a syllable is whole.

A stroke is one letter of the two-set keyboard (두벌식): «과» is ㄱㅗㅏ and «닭» ㄷㅏㄹㄱ, so an
unfinished «수디» begins «수딩» and «갃» is «각ㅅ», as an input method draws it half-way. Doubled
consonants (ㄲ, ㅆ) are one stroke. Every stroke is one character below U+0100, which keeps long
strings at a byte a letter; what is no Hangul stays as it is.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from engine.parsing.korean import initials, squeeze

FIRST: Final = 0x80
"""The first of the stroke characters; up to U+00B3 `squeeze` leaves no other letter there."""
_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_JAMO: Final = range(0x3131, 0x3164)
_CONSONANTS: Final = frozenset("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
_INITIAL: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWEL: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINAL: Final = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_COMPOUNDS: Final = (
    "ㅘㅗㅏ ㅙㅗㅐ ㅚㅗㅣ ㅝㅜㅓ ㅞㅜㅔ ㅟㅜㅣ ㅢㅡㅣ "
    "ㄳㄱㅅ ㄵㄴㅈ ㄶㄴㅎ ㄺㄹㄱ ㄻㄹㅁ ㄼㄹㅂ ㄽㄹㅅ ㄾㄹㅌ ㄿㄹㅍ ㅀㄹㅎ ㅄㅂㅅ"
)
_PARTS: Final = {letters[0]: letters[1:] for letters in _COMPOUNDS.split()}
"""What two strokes draw as one letter."""
_SOUNDS: Final = dict(
    zip("ㄲㅋㄸㅌㅃㅍㅆㅉㅊㅐㅒㅖㅑㅕㅛㅠ", "ㄱㄱㄷㄷㅂㅂㅅㅈㅈㅔㅔㅔㅏㅓㅗㅜ", strict=True)
)
"""Letters that two spellings of one foreign name often differ in."""


def strokes(text: str) -> str:
    """The squeezed text's strokes."""
    return "".join(map(strokes_of, squeeze(text)))


@lru_cache(maxsize=2**14)
def strokes_of(character: str) -> str:
    """One character's strokes; a lone compound («ㄳ») is taken apart too."""
    return "".join(_written(jamo) for jamo in _jamo(character))


def sound(text: str) -> str:
    """Strokes without what loan words are spelled differently in: tense and aspirated consonants,
    y before a vowel, the ㅡ that only carries a consonant, and the silent ㅇ before a vowel."""
    jamo = "".join(_jamo(character) for character in squeeze(text))
    kept = [
        _SOUNDS.get(one, one)
        for place, one in enumerate(jamo)
        if one != "ㅡ" and not (one == "ㅇ" and jamo[place + 1 : place + 2] in tuple(_VOWEL))
    ]
    return "".join(map(_written, kept))


def lone_consonants(text: str) -> bool:
    """Whether initial consonants stand there for syllables: «ㅅㄷ ㅌㄴ», «수딩ㅋㄹ»."""
    return any(_parted(character)[0] in _CONSONANTS for character in text)


def patterns(text: str) -> tuple[str, ...]:
    """A word with initial consonants, as one character a syllable; one or two readings.

    «ㄳ» is ㄱㅅ: an input method joins them. It also joins a consonant to the syllable before
    it, so «토넛ㅋ» may be «토너ㅅㅋ».
    """
    plain = "".join(_parted(character) for character in squeeze(text))
    opened = ""
    for place, character in enumerate(plain):
        following = plain[place + 1 : place + 2]
        opened += _opened(character) if following in _CONSONANTS and following else character
    return tuple(dict.fromkeys((plain, opened)))


def last_opened(word: str) -> str:
    """«토넛» as «토너ㅅ»: the consonant at the end may be the next syllable's."""
    return word[:-1] + _opened(word[-1:]) if word else word


def matches(syllable: str, typed: str, *, last: bool) -> bool:
    """Whether a typed sign stands for the syllable: itself, its initial, or, at the end of what
    was typed, its beginning («크리» of «크림»)."""
    if typed in (syllable, initials(syllable)):
        return True
    return last and strokes_of(syllable).startswith(strokes_of(typed)) and ord(typed) in _SYLLABLES


def _opened(character: str) -> str:
    """A syllable with a final consonant as an open one and the consonant."""
    code = ord(character) - 0xAC00 if character else -1
    if not 0 <= code < len(_SYLLABLES) or code % 28 == 0:
        return character
    final = _parted(_FINAL[code % 28])
    left = _FINAL.index(final[0]) if len(final) > 1 else 0
    return chr(0xAC00 + code - code % 28 + left) + final[-1]


def _jamo(character: str) -> str:
    """In compatibility letters, compounds taken apart."""
    code = ord(character)
    if code not in _SYLLABLES:
        return _parted(character)
    initial, rest = divmod(code - 0xAC00, 588)
    vowel, final = divmod(rest, 28)
    return _INITIAL[initial] + _parted(_VOWEL[vowel]) + _parted(_FINAL[final]).strip()


def _parted(character: str) -> str:
    return _PARTS.get(character, character)


def _written(jamo: str) -> str:
    code = ord(jamo)
    if code in _JAMO:
        return chr(FIRST + code - _JAMO.start)
    return unicodedata.normalize("NFD", jamo)[0] if code not in range(FIRST) else jamo
