"""Latin words read aloud in Hangul: «innisfree» → «이니스프리», «CNP» → «씨엔피».

The rules are those of 외래어 표기법 as far as spelling alone shows the sound, for English words and
for the French and invented ones that brands like; `sound` of engine.parsing.strokes evens out part
of what they miss. They read letters, not languages: «laneige» becomes «라네이지», not «라네즈».
"""

import re
import unicodedata
from typing import Final

_RUN: Final = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)*")
_LETTERS: Final = (
    "에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 "
    "엑스 와이 지"
)
_NAMES: Final = dict(zip("abcdefghijklmnopqrstuvwxyz", _LETTERS.split(), strict=True))
_SPELLED_AT_MOST: Final = 3
"""Capitals of so many letters are read by name: BB, CNP; a longer word only without a vowel."""

_SPELLINGS: Final = (
    (r"'s\b", "s"),
    (r"[^a-z]", ""),
    (r"^the$", "dE"),
    (r"wh(?=[aeiouy])", "w"),
    (r"(?<=[aeiouy])h(?![aeiouy])", ""),
    (r"tch", "C"),
    (r"sch|s?sh", "S"),
    (r"ch(?=[rl])", "k"),
    (r"ch", "C"),
    (r"ph", "f"),
    (r"th", "s"),
    (r"ck|q(?!u)", "k"),
    (r"qu", "kw"),
    (r"gh(?=t|$)", ""),
    (r"^x(?=[aeiouy])", "j"),
    (r"x", "ks"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"dge|g(?=e$)", "j"),
    (r"g(?=[ei](?!t))", "j"),
    (r"([bdfgjkmnprstvz])\1", r"\1"),
    (r"(?<=[aeiouy][bdfgjkmnprstvzlSC])es?$|(?<=[aeiouy][rlnst][kgdtsvm])e$", ""),
    (r"ll", "L"),
    (r"(?<=[aeiouybfgkps])l(?=[aeiouy])", "L"),
    (r"eau|oa|au|aw|ow(?=$|[^aeiou])", "o"),
    (r"(?<=..[^aeiou])ea$", "e-a"),
    (r"ee|ea|ie$|ey$", "i"),
    (r"oo|ou", "u"),
    (r"ai|ay|ei", "eI"),
    (r"eu|ew", "U"),
    (r"ue$", "u"),
    (r"(?:er|ir|ur|or)(?=$|[^aeiouyIU])", "E"),
    (r"ar(?=$|[^aeiouyIU])", "a"),
    (r"(?<=[aeiou])r(?=$|[^aeiouyIUE])", ""),
    (r"y(?=[aeou])", "Y"),
    (r"y", "i"),
)
"""Spelling → sound: C ㅊ, S sh, L ㄹㄹ, E ㅓ, I the second half of ㅔ이, U ㅠ, Y and w glides."""
_ONSETS: Final = {
    **dict(zip("bdfghjklmnprstvzCS", "ㅂㄷㅍㄱㅎㅈㅋㄹㅁㄴㅍㄹㅅㅌㅂㅈㅊㅅ", strict=True)),
    "": "ㅇ",
}
_NUCLEI: Final = dict(zip("aeiouEIU", "ㅏㅔㅣㅗㅜㅓㅣㅠ", strict=True))
_GLIDES: Final = {
    **{f"Y{plain}": made for plain, made in zip("aeouE", "ㅑㅖㅛㅠㅕ", strict=True)},
    **{f"w{plain}": made for plain, made in zip("aeioE", "ㅘㅞㅟㅝㅝ", strict=True)},
    **{f"S{plain}": made for plain, made in zip("aeouE", "ㅑㅖㅛㅠㅕ", strict=True)},
}
_FINALS: Final = dict(zip("nmlNptkb", "ㄴㅁㄹㅇㅂㅅㄱㅂ", strict=True))
_CARRIED: Final = {"S": "ㅣ", "C": "ㅣ", "j": "ㅣ"}
"""The vowel that carries a consonant alone; ㅡ for the others."""
_INITIAL: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWEL: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINAL: Final = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_MARK: Final = "\ue000"
"""Stands where the syllable before ends in ㄹ too, if it is open."""
_OPEN: Final = "".join(chr(0xAC00 + 28 * place) for place in range(399))
_DOUBLED: Final = re.compile(f"([{_OPEN}]){_MARK}")
_RIEUL: Final = _FINAL.index("ㄹ")
_SOUND: Final = re.compile(
    r"(?P<onset>[bdfghjkmnprstvzCSlL]?)(?P<glide>[Yw]?)(?P<nucleus>[aeiouEIU])"
    r"(?P<final>ng(?![aeiouyEIUYw])|[nml](?![aeiouEIUYw])"
    r"|(?<![aeiouEIU][aeiouEIU])[ptkb](?=$|[ptkbsfm](?![aeiouEIUYw]?r)))?"
    r"|(?P<alone>ng|[bdfghjkmnprstvzCSlLYw])"
)


def has_latin(text: str) -> bool:
    return _RUN.search(text) is not None


def read_aloud(text: str) -> str:
    """The text with every Latin word in Hangul; capitals and words without a vowel by letter."""
    return _RUN.sub(lambda word: _read(word[0]), text)


def _read(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")
    lower = bare.casefold().replace("’", "'")
    spelled = bare.isupper() and len(bare) <= _SPELLED_AT_MOST
    if spelled or len(lower) == 1 or not re.search(r"[aeiouy]", lower):
        return "".join(_NAMES.get(letter, "") for letter in lower)
    return _voiced(lower)


def _voiced(word: str) -> str:
    for spelling, letters in _SPELLINGS:
        word = re.sub(spelling, letters, word)
    read = "".join(_syllable(match) for match in _SOUND.finditer(word))
    return _DOUBLED.sub(lambda pair: chr(ord(pair[1]) + _RIEUL), read).replace(_MARK, "")


def _syllable(match: re.Match[str]) -> str:
    if alone := match["alone"]:
        return _carried(alone)
    onset, glide, nucleus = match["onset"], match["glide"], match["nucleus"]
    before = ""
    if glide and onset:
        before, onset = (_carried(onset), "") if glide + nucleus not in _GLIDES else ("", onset)
    soft = onset == "S"
    vowel = _GLIDES.get((glide or ("S" if soft else "")) + nucleus, _NUCLEI[nucleus])
    made = _joined(_ONSETS["l" if onset == "L" else onset], vowel, _final(match["final"]))
    return before + (_MARK if onset == "L" else "") + made


def _final(letters: str | None) -> str:
    return " " if not letters else _FINALS["N" if letters == "ng" else letters]


def _carried(letters: str) -> str:
    if letters in "Yw":
        return {"Y": "이", "w": "우"}[letters]
    one = {"ng": "g", "L": "l"}.get(letters, letters)
    return _joined(_ONSETS[one], _CARRIED.get(one, "ㅡ"), " ")


def _joined(initial: str, vowel: str, final: str) -> str:
    code = _INITIAL.index(initial) * 588 + _VOWEL.index(vowel) * 28 + _FINAL.index(final)
    return chr(0xAC00 + code)
