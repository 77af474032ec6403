"""What no answer may hold, whatever the model was talked into."""

import re
from collections.abc import Collection
from typing import Final

from engine.generation.prompts import SYSTEM
from engine.parsing.instructions import commands
from engine.parsing.korean import squeeze
from engine.parsing.privacy import mask

SAME_WORDS: Final = 8
"""So many words of the system part in a row are a leak."""
SAME_LETTERS: Final = 22
"""So are so many of its letters, however they are spaced."""
_URL: Final = re.compile(
    r"https?://\S+|www\.\S+|\bt\.me/\S+|(?<![\w.])[a-z0-9-]{2,}\.(?:com|net|org|io|kr|co|me|ly"
    r"|xyz|shop|link|gg|cc|biz|info|app|site|ai)\b(?:/\S*)?"
    r"|(?<!\w)@[A-Za-z][\w.]{3,}",
    re.IGNORECASE,
)
_COMMAND: Final = re.compile(
    r"(?<![\w/.])/[a-z]{3,}\b|\bsudo\s|\brm\s+-|<script|\bDROP\s+TABLE\b", re.IGNORECASE
)
_KEY: Final = re.compile(
    r"\b(?:sk|pk|ghp|xox[bap]|AKIA|AIza)[-_A-Za-z0-9]{6,}|\b\d{8,10}:[A-Za-z0-9_-]{20,}"
    r"|\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}\b|PPOYAMI_\w+"
    r"|(?:api|access|secret|bot)[ _-]?(?:key|token)|(?:비밀\s*번호|패스워드|암호|토큰|키"
    r"|password)\S{0,2}\s*(?:은|는|:|=|이에요|is)\s*\S*[A-Za-z0-9]",
    re.IGNORECASE,
)
_CARD: Final = re.compile(
    r"(?<!\d)(?:\d{4}[- ]){3}\d{4}(?!\d)|(?<!\d)\d{6}-\d{7}(?!\d)"
    r"|(?<!\d)\d{2,6}-\d{2,6}-\d{4,8}(?!\d)|(?<![\d,.])\d{9,}(?!\d)"
)
_ROLE: Final = re.compile(
    r"<\|[^|]*\|>|\[/?INST\]|<</?SYS>>|^\s*(?:system|assistant|user|시스템|사용자)\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_PROMPT: Final = re.compile(
    (
        r"시스템\s*(?:프롬프트|메시지|지시)|프롬프트|(?:제|내|저의|나의|받은)\s*(?:지시|지침|규칙"
        r"|명령)|내부\s*(?:규칙|지침|지시)"
        r"|system\s*prompt|my\s+instructions|개발자\s*모드|관리자\s*(?:모드|권한|명령|계정)|탈옥"
        r"|제한(?:이|을)?\s*(?:해제|풀)"
        r"|admin\s*mode|developer\s*mode|jailbreak|규칙을?\s*무시|지시를?\s*무시|DAN\b"
    ),
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"(?:다른|딴|이전|직전|앞선)\s*(?:고객|손님|회원|이용자|사용자"
    r"|분)\S{0,3}\s*(?:\S+\s*){0,3}?(?:이름|전화|번호|연락처|메일|주소"
    r"|아이디|생일|정보|물어|질문|대화|기록|프로필)"
    r"|(?:고객|회원)\s*(?:명단|목록)|[가-힣]{2,4}\s?(?:님|씨|고객님?)의\s*(?:전화|번호|연락처"
    r"|이메일|메일|주소|생일|주문|아이디)",
)
_REFUSES: Final = re.compile(
    r"(?:알려|말씀|보여|공개|답|도와|들어|따를|따라|할)\S*\s*(?:해\s*)?(?:드릴|드리|할)?\s*(?:수"
    r"|순)\s*(?:가|는)?\s*없|(?:드리"
    r"|하)지\s*않아요|말씀드리기\s*어려|볼\s*수\s*없"
)
"""«알려 드릴 수 없어요»: it may name what it keeps."""
_PROMISES: Final = re.compile(
    r"(?P<what>할인|쿠폰|공짜|무료|사은품|증정|적립금?|포인트|환불|보상|당첨|경품|이벤트"
    r"|1\s*\+\s*1|반값|세일|프로모션|상품권|기프티콘|현금|배송비)"
)
_DAMNS: Final = re.compile(
    (
        r"씨발|시발|씨팔|병신|개새끼|새끼|지랄|좆|존나|꺼져|닥쳐|미친\s*(?:놈|년|새)|멍청|바보"
        r"|쓰레기|등신|죽어(?:라|버려)|못생|한심|fuck|shit"
        r"|idiot|stupid|bitch"
    ),
    re.IGNORECASE,
)
_HACKED: Final = re.compile(
    r"\b(?:hacked|pwned|owned|injected|jailbroken|haha)\b|해킹|탈취", re.IGNORECASE
)
_HANGUL: Final = re.compile(r"[가-힣]")
_PARTICLE: Final = re.compile(r"(?<=[0-9A-Za-z])[가-힣.]+$")
"""«152예요», «02-123-4567이에요.»: after a number, letters are no part of it."""
_LETTER: Final = re.compile(r"[^\W\d_]")


def leak(text: str, shown: str) -> str | None:
    """Why the text must not be seen; None where nothing speaks against it. `shown`: passages."""
    if repeats_system(text):
        return "system"
    if mask(text) != mask(shown) and _personal(text, shown):
        return "personal"
    refuses = _REFUSES.search(text) is not None
    told = (("key", _KEY), ("command", _COMMAND), ("role", _ROLE), ("prompt", _PROMPT))
    for name, pattern in told[: 3 if refuses else 4]:
        if pattern.search(text):
            return name
    if any(found[0].rstrip(".") not in shown for found in _URL.finditer(text)):
        return "link"
    if (_OTHERS.search(text) and not refuses) or _HACKED.search(text):
        return "others"
    if any(found["what"] not in shown for found in _PROMISES.finditer(text)):
        return "promise"
    if _DAMNS.search(text) or (commands(text) and not refuses):
        return "tone"
    return None if _korean(text, shown) else "language"


def grave(reason: str) -> bool:
    """Whether it shows that the model was turned round, so that nothing else it says may stand."""
    return reason in _GRAVE


def obeys(reason: str) -> bool:
    """Whether it did what somebody's words told it, so that they are to be answered."""
    return reason in ("system", "prompt", "command", "others")


_GRAVE: Final[Collection[str]] = frozenset(
    {"system", "personal", "key", "command", "role", "prompt", "link", "others", "tone"}
)


def repeats_system(text: str) -> bool:
    words = _words(text)
    runs = {" ".join(words[at : at + SAME_WORDS]) for at in range(len(words) - SAME_WORDS + 1)}
    if runs & _SYSTEM_RUNS:
        return True
    flat = squeeze(text)
    return any(
        flat[at : at + SAME_LETTERS] in _SYSTEM_FLAT for at in range(len(flat) - SAME_LETTERS + 1)
    )


def _words(text: str) -> list[str]:
    return [squeeze(word) for word in text.split() if squeeze(word)]


def _personal(text: str, shown: str) -> bool:
    """A number or address that the passages do not hold themselves: a shop's own may be said."""
    masked = mask(text)
    if masked != text:
        kept = {word for word in text.split() if word not in masked}
        return any(_PARTICLE.sub("", re.sub(r"[^\w@.-]", "", word)) not in shown for word in kept)
    return any(found[0] not in shown for found in _CARD.finditer(text))


def _korean(text: str, shown: str) -> bool:
    """Foreign letters only as far as the passages have them."""
    bare = re.sub(r"[A-Za-z][\w.'’&-]*", lambda found: "" if found[0] in shown else found[0], text)
    letters = _LETTER.findall(bare)
    return not letters or len(_HANGUL.findall(bare)) >= 0.6 * len(letters)


_SYSTEM_WORDS: Final = _words(SYSTEM)
_SYSTEM_RUNS: Final = frozenset(
    " ".join(_SYSTEM_WORDS[at : at + SAME_WORDS])
    for at in range(len(_SYSTEM_WORDS) - SAME_WORDS + 1)
)
_SYSTEM_FLAT: Final = squeeze(SYSTEM)
