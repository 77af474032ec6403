"""Words that nobody should learn from: curses and slurs, also written around a filter.

«시1발», «ㅅㅣ발», «병.신» and «개 새 끼» are read as what they are; «다시 발라요», «시발점»,
«보리씨발효추출물» and «새끼손가락» are none.
"""

import re
import unicodedata
from typing import Final

_PLAIN: Final = re.compile(
    r"(?<![가-힣])[ㅅㅆ]ㅂ|[ㅅㅆ]발|(?<![가-힣])[시씨]ㅂ|(?<![다역혹또즉택잠몇두세네한출])시이*발(?![효라랐르림점매표전행생])"
    r"|씨이*(?:발|팔)(?![라효])|시팔(?!미|로|토)|시바[ㄹᄅ]|씨바[ㄹᄅ]?(?![가-힣])|(?<![가-힣])시바(?![가-힣])|쓰발|쓰벌|씨벌"
    r"|ㅂㅅ|병[신싄](?![년경])|븅신|빙신(?!년)|등신(?!대)"
    r"|개\s?(?:새끼|색끼|쉐끼|섀끼|자식|소리|년|놈)|(?<![가-힣])(?:이|그|저|쌍|미친)?\s?(?:새끼|쉐끼|섀끼)(?!\s?(?:손|발|줄|고양이|강아지|를|가\s))"
    r"|썅|쌍[놈년]|미친\s?[놈년새]|또라이|돌아이|닥쳐|아가리|주둥아리|지랄|ㅈㄹ|염병|엿\s?먹|뒈[져질]"
    r"|좆|좇|존나|졸라게|ㅈ같|ㅈㄴ|씹(?:새|할|년|놈|창|같)|느금마|니\s?(?:애미|에미|미럴)|엠창|애미\s?[뒤없]"
    r"|빡대가리|대가리\s?(?:깨|빈)|찐따|호로\s?(?:새|자)|창녀|걸레\s?같은\s?[년놈]"
    r"|맘충|한남충|급식충|김치녀|된장녀|틀딱|짱깨|쪽바리|쪽발이"
    r"|\b(?:fuck|shit|bitch|asshole|bastard)|\bwtf\b",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"(?<=[가-힣ㄱ-ㅣ])[^가-힣ㄱ-ㅣ\s,]{1,3}(?=[가-힣ㄱ-ㅣ])")
"""Signs and digits within a word; a comma parts two."""
_SPELT: Final = re.compile(r"(?<![가-힣])(?:[가-힣]\s){1,4}[가-힣](?![가-힣])")
"""Single syllables one after another: «개 새 끼»."""
_JAMO: Final = re.compile(r"[ㄱ-ㅎ][ㅏ-ㅣ][ㄱ-ㅎㅏ-ㅣ]*")
"""Syllables that were taken apart."""


def is_profane(text: str) -> bool:
    """Whether somebody curses or slurs in it, in any of the ways to write it."""
    plain = unicodedata.normalize("NFC", text)
    if _PLAIN.search(plain):
        return True
    whole = _BETWEEN.sub("", plain)
    whole = _JAMO.sub(lambda found: unicodedata.normalize("NFKC", found[0]), whole)
    whole = _SPELT.sub(lambda found: re.sub(r"\s", "", found[0]), whole)
    return whole != plain and _PLAIN.search(whole) is not None
