"""A label's ingredient text as names in the label's order.

The names are those of the Korean dictionary of cosmetic ingredients, which hold commas
(«1,2-헥산다이올»), slashes («효모/흑미발효여과물»), brackets and blanks: only what no name
holds parts them.
"""

import re
import unicodedata
from typing import Final

from engine.parsing.korean import squeeze

_COMMA: Final = "\ue000"
"""Stands for a comma that belongs to a name."""
_READINGS: Final = 20
"""Real labels settle at the second reading; hostile ones must end too."""
_PRIVATE: Final = re.compile(r"[\ue000-\uf8ff]")
_RAISED: Final = re.compile(r"[\u00b9\u00b2\u00b3\u2070-\u209f*†‡]+")
_DOTS: Final = re.compile(r"[ㆍ・•∙‧⋅･]")
_NOTE_LINE: Final = re.compile(
    r"^\s*(?:※.*|[*†][^,\n]*(?:성분|원료|유래|인증|함유)[^,\n]*)$"
    r"|(?<=[^\s,;])[^\S\n]+[*†][^,\n*†]*(?:성분|원료|유래|인증|함유|유기농)[^,\n*†]*$",
    re.M,
)
_MARK: Final = r"[\u2460-\u2473\u2776-\u277f■▶◆●▪◈□◇▷☞◎]"
_MARKED: Final = re.compile(rf"{_MARK}\s*(?:[^\n,:;]{{1,20}}(?::|\n(?!\s*(?:{_MARK}|\Z))))?")
"""«①세럼:», «■ 크림» on a line of its own: what a set's part is called, and bullets."""
_STRENGTH: Final = re.compile(
    r"(?<!용액)\(\s*(?:약\s*)?\d[\d,]*(?:\.\d+)?\s*(?:%|ppm|ppb|퍼센트|mg/kg)\s*(?:\)|$|(?=,))"
    r"|(?<![\d.,(])\d[\d,]*(?:\.\d+)?\s*(?:%|ppm|ppb|퍼센트)(?!\))",
    re.IGNORECASE,
)
"""A solution's strength («…용액(30%)») is part of its name, any other share is not."""
_REMARK: Final = re.compile(
    r"\([^()]*(?:기능성|고시|함유|함량|유기농|EWG|등급|알레르|알러|주성분|%|ppm)[^()]*\)"
)
_HEADING: Final = re.compile(
    r"(?:^|(?<=[\s,;.]))(?:\[[^\[\]/(),]{1,30}\]|\[[^\[\]]{1,30}\](?=\s)"
    r"|【[^【】]{1,30}】|<[^<>]{1,30}>|〈[^〈〉]{1,30}〉)\s*",
    re.M,
)
_GLUED_HEADING: Final = re.compile(
    r"(?<=[가-힣)0-9])\[[가-힣A-Za-z0-9 ]{1,15}\](?=[가-힣A-Za-z0-9])"
)
"""«글리세린[크림]정제수», where the text begins with such a heading."""
_NUMBERED: Final = re.compile(r"(?:^|(?<=[\s,]))\d{1,2}\)\s*[^\n,;:()]{1,20}:\s*", re.M)
_DOTTED_LOCANT: Final = re.compile(r"(?<![\w.,-])(\d)\.(\d)(?=-[가-힣A-Za-z])")
_SPACED_OUT: Final = re.compile(r"[가-힣](?: [가-힣]){2,}")
"""As a picture's reader writes «글 리 세 린»."""
_NOTHING: Final = re.compile(
    r"(?:해당(?:사항)?|정보)?없음|별도표기|준비중|(?:상품|제품|상세)*(?:페이지|설명|이미지|정보|용기|패키지)?(?:에)?(?:참[조고]|표기)"
)
"""What stands where a formula is not told."""
_LABEL: Final = re.compile(r"(?:^|(?<=[\n,;]))[^\n,;:()]{1,20}:\s*|^\s*전\s?성분\s+", re.M)
_LOCANTS: Final = re.compile(
    r"(?<![\d,'])(?P<list>\d+[a-z]?['′]*(?:,\d+[a-z]?['′]*)+)(?=-|[가-힣A-Za-z])"
    r"|(?:^|(?<=[,;\n]))\s*(?P<loose>\d{1,2}(?:\s*,\s*\d{1,2})+)\s*(?=-)"
    r"|(?<![A-Za-z])(?P<letters>[NOS]['′]*(?:,[NOS]['′]*)+)(?=-)",
    re.M,
)
_SHELTERED: Final = {",": _COMMA, "\n": ""}
_END: Final = re.compile(r"\s*(?:[,;.]|$)")
_SPEECH: Final = re.compile(
    r"[?？]|(?:요|까|죠|니다|줘|는데|은데|인데|지만|해서|[하이있없않싶되좋]고)[.!~…ㅎㅋ^ ]*$"
)
"""How a clause ends, and no ingredient."""
_HANGUL_WORD: Final = re.compile(r"(?<!\S)[가-힣]+")
_WORDS_AT_MOST: Final = 2
_BREAK: Final = re.compile(r"[,;|、，\t]|\.\s+(?=[^\d\s])|(?<=[가-힣])\.(?=[가-힣])|\s/\s")


def ingredient_names(raw: str) -> tuple[str, ...]:
    """The names in order, each once; parts («[세럼] … [크림] …») are read one after the other.

    Shares («(10%)», «(770,000ppm)»), footnote marks and headings go. Idempotent over
    `", ".join(names)`.
    """
    names = _parse(raw)
    for _ in range(_READINGS):
        if (again := _parse(", ".join(names))) == names:
            break
        names = again
    return names


def listed_names(text: str) -> tuple[str, ...]:
    """The names where the text is a list of three or more; else none, as of a sentence with
    commas («안녕하세요, 건성인데, 크림 있어요?»)."""
    names = ingredient_names(text)
    if len(names) < 3 or any(map(_is_speech, names)) or _SPEECH.search(text.strip()):
        return ()
    return names


def _is_speech(name: str) -> bool:
    """Names of the dictionary are one word or two in Hangul, however many in Latin letters."""
    return bool(_SPEECH.search(name)) or len(_HANGUL_WORD.findall(name)) > _WORDS_AT_MOST


def _parse(raw: str) -> tuple[str, ...]:
    parts = (_tidy(part) for part in _parts(_plain(raw)))
    return tuple(dict.fromkeys(part for part in parts if _is_name(part)))


def _plain(raw: str) -> str:
    """One text without marks, shares, headings and remarks; parted by commas and newlines."""
    text = _NOTE_LINE.sub("", _DOTS.sub("·", _PRIVATE.sub("", raw)))
    text = _RAISED.sub("", _MARKED.sub("\n,", text))
    text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    if _HEADING.match(text.lstrip()):
        text = _GLUED_HEADING.sub("\n,", text)
    text = _NUMBERED.sub(",", _HEADING.sub("\n,", text))
    text = _DOTTED_LOCANT.sub(r"\1,\2", text)
    text = _LABEL.sub("", text)
    return _REMARK.sub("", _STRENGTH.sub("", text))


def _parts(text: str) -> list[str]:
    text = _sheltered_brackets(_sheltered_locants(text))
    if "," in text:
        # a list by commas: a line's end inside a name is where the label ran out of room
        text = re.sub(r"(?<=[가-힣\-/])\n(?=[가-힣\-/(])", "", text)
    parts = _BREAK.split(text.replace("\n", ","))
    parts = [piece for part in parts for piece in _undotted(part)]
    return [part.replace(_COMMA, ",") for part in parts]


def _sheltered_locants(text: str) -> str:
    return _LOCANTS.sub(_locants, text)


def _locants(match: re.Match[str]) -> str:
    """«1,2-»; but in «세테아레스-20,1,2-» the 20 belongs to the name before it."""
    listed = re.sub(r"\s", "", match[0])
    numbers = re.findall(r"\d+", listed)
    behind_name = match.string[: match.start()].endswith("-")
    if behind_name and len(numbers) > 1 and int(numbers[0]) > int(numbers[1]):
        first, rest = listed.split(",", 1)
        return f"{first},{rest.replace(',', _COMMA)}"
    return listed.replace(",", _COMMA)


def _sheltered_brackets(text: str) -> str:
    """Commas in brackets stay in the name, unless the bracket ends it: «향료(리모넨, 리날룰)»."""
    pairs, letters, place = _pairs(text), list(text), 0
    while place < len(text):
        close = pairs.get(place, place)
        if "," in text[place:close] and _END.match(text, close + 1):
            letters[place] = letters[close] = ","
        else:
            letters[place:close] = [_SHELTERED.get(c, c) for c in letters[place:close]]
            place = close
        place += 1
    return "".join(letters)


def _pairs(text: str) -> dict[int, int]:
    """Where each bracket that has a partner opens → where it closes."""
    opened: list[int] = []
    pairs = {}
    for place, letter in enumerate(text):
        if letter in "([":
            opened.append(place)
        elif letter in ")]" and opened and text[opened[-1]] + letter in ("()", "[]"):
            pairs[opened.pop()] = place
    return pairs


def _undotted(part: str) -> list[str]:
    """«정제수·글리세린·판테놀» is a list; «태움·용융소금» is a name."""
    pieces = part.split("·")
    return pieces if len(pieces) > 2 or " · " in part else [part]


def _tidy(part: str) -> str:
    """One name: blanks that no name has go, and so does what stands around it."""
    name = re.sub(r"\s+", " ", part).strip(" .。:·-'\"*")
    name = re.sub(r"\s*([/-])\s*", r"\1", name)
    name = re.sub(r"(?<=[(\[])\s+|\s+(?=[)\]])", "", name)
    name = re.sub(r"\s+등$", "", name)
    name = name.replace(" ", "") if _SPACED_OUT.fullmatch(name) else name
    return _balanced(name).strip(" .。:·-")


def _balanced(name: str) -> str:
    """Without the brackets that have no partner."""
    for opening, closing in ("()", "[]"):
        if name.count(opening) != name.count(closing):
            name = name.strip(opening + closing + " ")
    return name


def _is_name(part: str) -> bool:
    key = squeeze(part)
    return any(letter.isalpha() for letter in key) and not _NOTHING.fullmatch(key)
