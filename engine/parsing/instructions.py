"""Instructions inside what is data: reviews, a shop's answers, people's questions.

`commands` tells whether a text tries to command a model, `disarmed` leaves such sentences out of a
passage, and `neutral` takes the marks away that a prompt is built with.
"""

import re
from functools import lru_cache
from typing import Final

_ROLE: Final = re.compile(
    r"<\|[^|<>]{0,40}\|>|</?(?:s|system|user|assistant|bos|eos|start_of_turn|end_of_turn)>"
    r"|\[/?(?:INST|SYS|SYSTEM|자료\s*끝)\]|<</?SYS>>|```+|^#{2,}"
    r"|(?:^|(?<=[\s.!?]))(?:system|assistant|user|developer|시스템|어시스턴트|상담사|고객|질문|자료"
    r"|사용자|관리자)\s*[:：](?=\s|\S)",
    re.IGNORECASE | re.MULTILINE,
)
_CITATION: Final = re.compile(r"\[\s*\d+(?:\s*,\s*\d+)*\s*\]")
_HIDDEN: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_RULES: Final = (
    r"(?:지시|지침|명령|규칙|룰|설정|프롬프트|프롬트|안내\s*사항|가이드\s*라인|제한|제약"
    r"|안전\s*장치|필터)"
)
_COMMANDS: Final = re.compile(
    "|".join(
        (
            (
                rf"{_RULES}\S{{0,4}}\s*(?:\S+\s*){{0,3}}?(?:무시|잊|잊어|어겨|어기|지워|해제|풀어"
                rf"|꺼\s?줘|벗어나"
                rf"|따르지\s*(?:마|말))"
            ),
            (
                r"(?:무시|잊고|잊어버리고)\S*\s*(?:\S+\s*){0,3}?(?:답해|말해|출력|대답|써\s?줘|따라"
                r"|해\s?줘|시키는)"
            ),
            rf"(?:이전|앞선|위의?|지금까지|앞의?|모든|기존|원래)\S*\s*(?:\S+\s*){{0,2}}?{_RULES}",
            (
                r"(?:시스템|system|숨은|숨겨진|내부|비밀|초기|최초)\s*(?:프롬프트|프롬트|prompt"
                r"|메시지|message|지시|지침|명령|설정|규칙)"
            ),
            (
                rf"(?:너|당신|네|니|봇|뽀야미|챗봇"
                rf"|ai)\S{{0,3}}\s*(?:\S+\s*){{0,3}}?{_RULES}\S{{0,3}}\s*(?:\S+\s*){{0,3}}?(?:알려"
                rf"|보여"
                rf"|출력|말해|공개|뭐|복사|적어|읊|번역|반복|요약)"
            ),
            rf"(?:받은|들은)\s*{_RULES}",
            (
                r"프롬[프]?트\S{0,3}\s*(?:\S+\s*){0,3}?(?:알려|보여|출력|말해|공개|뭐|복사|적어|읊"
                r"|번역|반복|요약|유출)"
            ),
            (
                r"(?:지금|이제|앞으로|오늘)\S{0,2}\s*(?:부터)?\s*(?:너는?|넌|당신은?|네가"
                r"|뽀야미는?)\s*\S.{0,40}?(?:이야|이다"
                r"|예요|이에요|입니다|처럼|역할|행동|연기|답해|말해|야$|야[.!\s])"
            ),
            (
                r"(?:개발자|관리자|디버그|디버깅|탈옥|갓|루트|유지\s*보수|점검|무제한|테스트"
                r"|어드민)\s*(?:모드|권한|명령|계정|콘솔|키)"
            ),
            (
                r"(?:admin|developer|debug|god|dan|root|jailbreak|maintenance"
                r"|unrestricted)\s*(?:mode|prompt|access|command|key|console)"
            ),
            r"\bdan\b|탈옥|jailbreak|\bsudo\b",
            (
                r"(?:ignore|disregard|forget|override|bypass"
                r"|skip)\s+(?:\w+\s+){0,4}?(?:instructions?|prompts?|rules?|guidelines?|context"
                r"|everything|safety|restrictions?)"
            ),
            (
                r"(?:reveal|print|show|repeat|output|leak|display|tell|give|translate|write|dump"
                r"|what\s+(?:is|are|was|were))\s+(?:\w+\s+){0,5}?(?:system\s+prompt|prompt"
                r"|instructions|rules|guidelines|secrets?|api\s*keys?|tokens?|passwords?"
                r"|words\s+above|text\s+above|everything\s+above|configuration"
                r"|environment\s+variables?)"
            ),
            (
                r"you\s+are\s+(?:now|no\s+longer|actually)|act\s+as\s+(?:an?|if|the)"
                r"|pretend\s+(?:to\s+be|you)|from\s+now\s+on|new\s+(?:instructions?|rules?|persona)"
                r"|do\s+anything\s+now|respond\s+only\s+with|(?:say|reply|answer"
                r"|respond)\s+(?:only\s+)?(?:with\s+)?[\"'«“]|(?:repeat|say)\s+after\s+me"
            ),
            (
                r"(?:as|i\s+am|i'm)\s+(?:the|your|an?)\s+(?:admin|administrator|developer|owner"
                r"|creator|operator)"
            ),
            (
                r"(?:나는|저는|내가|제가|전|난)\s*(?:\S+\s*){0,2}?(?:관리자|개발자|운영자|사장"
                r"|대표|직원|어드민)(?:이야|야|이에요|예요"
                r"|입니다|인데|다|니까|이니|거든)"
            ),
            (
                r"(?:api|액세스|비밀|봇|텔레그램|관리자|서버|암호화|bot|access"
                r"|secret)\s*_?-?\s*(?:키|토큰|token|key|비밀번호"
                r"|패스워드|password)"
            ),
            (
                r"비밀\s*번호\S{0,2}\s*(?:\S+\s*){0,2}?(?:알려|보여|출력|말해|뭐|적어)"
                r"|환경\s*변수|\.env\b|ppoyami_\w+"
                r"|bot_token"
            ),
            (
                r"(?:다른|딴|남의|모든|전체|이전|아까|직전|옆)\s*(?:고객|사람|손님|회원|이용자|유저"
                r"|사용자)\S{0,3}\s*(?:\S+\s*){0,4}?(?:전화|번호|연락처|메일|주소|이름|아이디"
                r"|정보|질문|대화|기록|생일|목록|프로필|피부)"
            ),
            (
                r"(?:고객|회원|이용자|사용자|유저)\s*(?:들의?\s*)?(?:명단|목록|리스트|db|디비"
                r"|데이터베이스|개인\s*정보|전화\s*번호|연락처|이메일)"
            ),
            (
                r"(?:other|another|all|previous|every)\s+(?:users?|customers?|people|persons?"
                r"|clients?)(?:'s?)?\s+(?:\w+\s+){0,4}?(?:phones?|e-?mails?|addresse?s?|names?|data"
                r"|messages?|questions?|profiles?|numbers?|information)"
            ),
            r"(?:customer|user)\s+(?:list|database|emails?|phones?|phone\s+numbers?)",
            (
                r"(?:이\s*(?:리뷰|글|문서|자료|후기|문장)\S{0,2}\s*(?:를|을)?\s*(?:읽|본|보는"
                r"|처리|요약)\S*\s*(?:ai|에이아이"
                r"|인공\s*지능|모델|봇|챗봇|상담사|어시스턴트))"
            ),
            (
                r"(?:ai|인공\s*지능|모델|챗봇|봇|상담사|어시스턴트|뽀야미)(?:에게|는|은|야|님"
                r"|라면|이라면|한테"
                r"|가)\s*(?:[^.!?\n]{0,40}?)(?:하세요|해라|하라|하십시오|할\s*것|말할\s*것|말해라"
                r"|추천해라|추천하세요|추천하라|알려\s?라"
                r"|안내하(?:세요|라)|말하(?:세요|라)|답하(?:세요|라)|출력하(?:세요|라)"
                r"|덧붙이?(?:세요|여라|일\s*것))"
            ),
            (
                r"(?:반드시|무조건|꼭|항상|모든\s*(?:답|질문"
                r"|고객))\S*\s*(?:[^.!?\n]{0,40}?)(?:라고\s*(?:답|말|적|안내|출력"
                r"|추천|쓰)(?:하|해)?\S*|추천(?:하라|해라|하십시오|할\s*것|하도록))"
            ),
            (
                r"(?:라고|이라고)\s*(?:만|꼭|반드시)?\s*(?:답하(?:라|세요|시오|십시오)"
                r"|대답하(?:라|세요)|출력하(?:라|세요)|말하(?:라|세요"
                r"|시오)|답해라|출력해(?:라|\s?줘)?|따라\s*(?:해|말해))"
            ),
            (
                r"(?:^|\s)/(?:admin|model|broadcast|stats|reset|delete|export|stop|debug|token"
                r"|grant"
                r"|exec|eval|shutdown|ban)\b"
            ),
            r"(?:drop|delete|select|insert|update)\s+(?:table|from|into|\*)",
            (
                r"<\|[^|<>]{0,40}\|>|<<sys>>|\[/?inst\]|<(?:start|end)_of_turn>"
                r"|(?:^|[\s/])(?:system|assistant|시스템|developer)\s*[:：]"
            ),
            (
                r"###\s*(?:instruction|system|지시|new|response)|\bbegin\s+system\b"
                r"|\bend\s+of\s+(?:context|passages|document)\b"
            ),
            r"규칙\s*없이|제한\s*없이\s*(?:답|말|대답)|검열\s*없이|(?:반대로|거꾸로)\s*행동",
            (
                r"(?:base64|rot13|인코딩|코드\s*블록)\S{0,4}\s*(?:\S+\s*){0,3}?(?:출력|풀어"
                r"|디코딩|실행|decode"
                r"|encode|답)"
            ),
        )
    ),
    re.IGNORECASE,
)
REMEMBERED: Final = 4_096
"""Documents."""
_SENTENCE: Final = re.compile(r"(?<=[.!?。…])\s+|\s+/\s+|\n")
_LABEL: Final = re.compile(r"^([가-힣 ]{2,8}: )(.*)$")


def commands(text: str) -> bool:
    """Whether the text tells a model what to do, or asks for what is nobody's to see."""
    return _COMMANDS.search(_HIDDEN.sub("", text)) is not None


@lru_cache(REMEMBERED)
def disarmed(text: str) -> str:
    """A document without the quotes and sentences that command; its lines and labels stay.

    A quarter of a millisecond the first time."""
    if not commands(text):
        return text
    lines = [_line(line) for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def neutral(text: str) -> str:
    """Data as a prompt may hold it: no roles, no marks of turns, no numbers in square brackets."""
    bare = _HIDDEN.sub("", text)
    while (less := _ROLE.sub(" ", bare)) != bare:
        bare = less
    bare = _CITATION.sub(lambda found: f"({found[0][1:-1].strip()})", bare)
    return re.sub(r"[ \t]{2,}", " ", bare).strip()


def _line(line: str) -> str:
    if not commands(line):
        return line
    labelled = _LABEL.match(line)
    label, body = (labelled[1], labelled[2]) if labelled else ("", line)
    quotes = body.split(" / ")
    kept = [one for one in quotes if not commands(one)] if len(quotes) > 1 else [_before(body)]
    whole = " / ".join(one for one in kept if one)
    return f"{label}{whole}" if whole and not commands(whole) else ""


def _before(text: str) -> str:
    """The sentences before the first that commands: what follows it may belong to it."""
    kept: list[str] = []
    for one in _SENTENCE.split(text):
        if commands(one):
            break
        kept.append(one)
    return " ".join(kept)
