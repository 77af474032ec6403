"""Slips of the thumb on a Korean phone keyboard, drawn from a seed: one jamo wrong in a text."""

import random
import unicodedata
from enum import StrEnum

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
LATIN = "abcdefghijklmnopqrstuvwxyz"
COMPOUND = {
    **{
        "ㅗㅏ": "ㅘ",
        "ㅗㅐ": "ㅙ",
        "ㅗㅣ": "ㅚ",
        "ㅜㅓ": "ㅝ",
        "ㅜㅔ": "ㅞ",
        "ㅜㅣ": "ㅟ",
        "ㅡㅣ": "ㅢ",
    },
    **{"ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ"},
    **{"ㄹㅅ": "ㄽ", "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ"},
}
PARTS = {letter: pair for pair, letter in COMPOUND.items()}


class Slip(StrEnum):
    SUBSTITUTE = "substitute"
    DELETE = "delete"
    INSERT = "insert"
    TRANSPOSE = "transpose"


def slipped(text: str, slip: Slip, draw: random.Random) -> str:
    """The text with one jamo (or Latin letter) wrong, composed as an input method would."""
    letters = _letters(text)
    while True:
        wrong = list(letters)
        place = draw.choice([at for at, letter in enumerate(letters) if _kind(letter)])
        match slip:
            case Slip.SUBSTITUTE:
                wrong[place] = draw.choice(_kind(letters[place]))
            case Slip.DELETE:
                del wrong[place]
            case Slip.INSERT:
                wrong.insert(place, draw.choice(_kind(letters[place])))
            case Slip.TRANSPOSE:
                wrong[place : place + 2] = reversed(wrong[place : place + 2])
        typed = composed(wrong)
        if typed != text and typed.strip():
            return typed


def _letters(text: str) -> list[str]:
    """Compatibility jamo, and everything else as it is."""
    return [_plain(letter) for letter in unicodedata.normalize("NFD", text)]


def _plain(letter: str) -> str:
    for first, table in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A8, FINALS)):
        if 0 <= ord(letter) - first < len(table):
            return table[ord(letter) - first]
    return letter


def _kind(letter: str) -> str:
    """What may stand in the letter's place; nothing for blanks, digits and signs."""
    kinds = (VOWELS, INITIALS, FINALS, LATIN)
    return next((kind for kind in kinds if letter.casefold() in kind), "")


def composed(letters: list[str]) -> str:
    """Strokes one after the other as the two-set input method joins them."""
    strokes = [one for letter in letters for one in PARTS.get(letter, letter)]
    text, at = "", 0
    while at < len(strokes):
        taken, syllable = _syllable(strokes[at:])
        text += syllable
        at += taken
    return text


def _syllable(strokes: list[str]) -> tuple[int, str]:
    """How many strokes the first sign takes, and the sign."""
    if len(strokes) < 2 or strokes[0] not in INITIALS or strokes[1] not in VOWELS:
        return 1, strokes[0]
    vowel = COMPOUND.get("".join(strokes[1:3]), "")
    at = 3 if vowel and vowel in VOWELS else 2
    vowel = vowel if at == 3 else strokes[1]
    final = ""
    if _closes(strokes, at):
        final = strokes[at]
        pair = COMPOUND.get("".join(strokes[at : at + 2]), "")
        if pair and _closes(strokes, at + 1):
            final = pair
    code = INITIALS.index(strokes[0]) * 588 + VOWELS.index(vowel) * 28
    return at + len(PARTS.get(final, final)), chr(
        0xAC00 + code + (FINALS.index(final) + 1 if final else 0)
    )


def _closes(strokes: list[str], at: int) -> bool:
    """Whether the stroke is a consonant that no vowel follows."""
    if at >= len(strokes) or strokes[at] not in FINALS:
        return False
    return at + 1 == len(strokes) or strokes[at + 1] not in VOWELS
