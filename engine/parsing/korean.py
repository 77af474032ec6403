"""Korean sounds: which particle follows a word, initial consonants, and the key of a search.

A word is read aloud as a Korean would: digits by their Sino-Korean reading, capitals letter by
letter, other Latin words by their sound, and a note in brackets is passed over.
"""

import re
import unicodedata
from typing import Final, Literal

Pair = Literal[
    "은/는",
    "이/가",
    "을/를",
    "과/와",
    "으로/로",
    "이에요/예요",
    "이나/나",
    "이라고/라고",
    "이라는/라는",
    "이랑/랑",
]

_VOWELS: Final = 21
_FINALS: Final = 28
_LIKE_VOWELS: Final = {5: 1, 7: 1, 3: 1, 15: 11, 10: 11}
"""Number of a vowel → that of the one it sounds like."""
_HEARD: Final = {
    0xAC00 + (first * _VOWELS + vowel) * _FINALS + final: (
        0xAC00 + (first * _VOWELS + like) * _FINALS + final
    )
    for first in range(19)
    for vowel, like in _LIKE_VOWELS.items()
    for final in range(_FINALS)
}
_RIEUL: Final = 8
_OTHER: Final = 1
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_BRACKETED: Final = re.compile(
    r"\s*[(\[{<〈《「【][^()\[\]{}<>〈〉《》「」【】]*[)\]}>〉》」】]\s*$"
)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?$")
_LATIN: Final = re.compile(r"[A-Za-z]+$")
_SIGNS: Final = {"%": 0, "+": 0, "℃": 0, "₩": _OTHER, "&": 0, "㎖": 0, "㎎": _OTHER}
"""How a sign at the end sounds: 퍼센트, 플러스, 도, 원, 앤드 …"""

_DIGITS: Final = dict(zip("0123456789", (1, 8, 0, 1, 0, 0, 1, 8, 8, 0), strict=True))
_LETTERS: Final = {"l": _RIEUL, "r": _RIEUL, "m": _OTHER, "n": _OTHER}
"""Names of letters that end in a consonant: 엘, 알, 엠, 엔."""
_UNITS: Final = {"ml": 0, "l": 0, "g": 1, "mg": 1, "kg": 1, "cm": 0, "mm": 0, "ea": 0, "ppm": 1}
"""After a number: 밀리리터, 그램, 센티미터 …"""


def has_final(word: str) -> bool | None:
    """Whether the word ends in a consonant when read aloud; None where nothing can be read."""
    final = _final(word)
    return None if final is None else final > 0


def particle(word: str, pair: Pair) -> str:
    """The half of the pair that follows the word; «은(는)», «(으)로» where it cannot be read."""
    after_consonant, after_vowel = pair.split("/")
    match _final(word):
        case None:
            return _undecided(after_consonant, after_vowel)
        case 0:
            return after_vowel
        case final if final == _RIEUL and pair == "으로/로":
            return after_vowel
        case _:
            return after_consonant


def with_particle(word: str, pair: Pair) -> str:
    """«토너» and «은/는» make «토너는»."""
    return word + particle(word, pair)


def initials(text: str) -> str:
    """초성: «그린 토너» → «ㄱㄹㅌㄴ». What is no Hangul stays as `squeeze` leaves it."""
    return "".join(_initial(character) for character in squeeze(text))


def sounded(text: str) -> str:
    """As it is heard, of the same length: ㅔ, ㅖ, ㅒ as ㅐ, and ㅞ, ㅙ as ㅚ, which sound alike and
    are the commonest slips («베리어», «배리어»)."""
    return text.translate(_HEARD)


def letters_of(name: str) -> str:
    """Apart into letters, «미드» → «ㅁㅣㄷㅡ» (NFD): a slip of a vowel weighs less than one of a
    syllable."""
    return unicodedata.normalize("NFD", name)


def squeeze(text: str) -> str:
    """The key of a search: NFKC, casefolded, without blanks and punctuation; idempotent."""
    once = _folded(text)
    while (again := _folded(once)) != once:
        once = again
    return once


def _folded(text: str) -> str:
    # NFKC would turn a typed initial («ㄱ») into a conjoining letter: those stay as they are.
    normal = re.sub(
        r"[^\u3131-\u318e]+", lambda run: unicodedata.normalize("NFKC", run[0]), text
    ).casefold()
    return "".join(c for c in normal if c.isalnum() or unicodedata.category(c) == "Mn")


def _initial(character: str) -> str:
    code = ord(character)
    return _INITIALS[(code - 0xAC00) // 588] if code in _SYLLABLES else character


def _undecided(after_consonant: str, after_vowel: str) -> str:
    if after_consonant.endswith(after_vowel):
        return f"({after_consonant.removesuffix(after_vowel)}){after_vowel}"
    return f"{after_consonant}({after_vowel})"


def _final(word: str) -> int | None:
    """The place of the last sound's final consonant: 0 for none, 8 for ㄹ."""
    spoken = _spoken(word)
    if not spoken:
        return None
    last = spoken[-1]
    if ord(last) in _SYLLABLES:
        return (ord(last) - 0xAC00) % 28
    if last in _SIGNS:
        return _SIGNS[last]
    if number := _NUMBER.search(spoken):
        return _number_final(number[0])
    if latin := _LATIN.search(spoken):
        return _latin_final(spoken[: latin.start()], latin[0])
    return None


def _spoken(word: str) -> str:
    """The word up to its last readable sign; brackets at the end are passed over."""
    text = unicodedata.normalize("NFC", word).strip()
    while (outer := _BRACKETED.sub("", text)) != text and _readable(outer):
        text = outer
    text = _without_accents(text)
    while text and not _is_sound(text[-1]):
        text = text[:-1]
    return text


def _readable(text: str) -> bool:
    return any(_is_sound(character) for character in text)


def _is_sound(character: str) -> bool:
    return (
        ord(character) in _SYLLABLES
        or character in _SIGNS
        or (character.isascii() and character.isalnum())
    )


def _without_accents(text: str) -> str:
    """«Crème» → «Creme»; Hangul syllables stay whole."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _number_final(number: str) -> int:
    whole, _, fraction = number.replace(",", "").partition(".")
    if fraction:
        return _DIGITS[fraction[-1]]
    zeros = len(whole) - len(whole.rstrip("0"))
    if zeros in range(12, 16) and zeros < len(whole):
        return 0  # 조; 십, 백, 천, 만, 억, 경 all end in a consonant
    return _DIGITS[whole[-1]]


def _latin_final(before: str, word: str) -> int:
    """Units after a number, capitals and single letters by name, else by sound."""
    if before.rstrip()[-1:].isdigit() and word.casefold() in _UNITS:
        return _UNITS[word.casefold()]
    if word.isupper() or len(word) == 1:
        return _LETTERS.get(word[-1].casefold(), 0)
    return _sound_final(word.casefold())


def _sound_final(word: str) -> int:
    """By the loan-word rules of 외래어 표기법, as far as spelling shows them.

    l is ㄹ; m, n, ng close a syllable, also before a silent e (line 라인); p, b, t, k, c close it
    after a single vowel (cup 컵, pack 팩) and open one otherwise (mist 미스트).
    """
    stem = re.sub(r"(?<=[aeiouy])([lmn])\1?e$", r"\1", word)
    if re.search(r"l+$", stem):
        return _RIEUL
    if re.search(r"(?:[mn]|ng|(?<![aeiou])[aeiou](?:ck|[pbtkc]))$", stem):
        return _OTHER
    return 0
