"""A question as it is looked for: without what it denies, without the words that every question
has, and with what the catalogue calls the things that people call otherwise. Pure.

«블랙헤드 어떡해요, 홍조는 없어요» is looked for as «블랙헤드», and by words also as «모공 피지».
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.parsing.prices import band

REMEMBERED: Final = 256
QUESTION_AT_MOST: Final = 400

_CONCERNS: Final = (
    r"(?:여드름|뾰루지|뽀루지|트러블|좁쌀|홍조|붉은\s?기|열감|건조|각질|당김|속당김|주름|탄력|미백|잡티|기미"
    r"|주근깨|칙칙|모공|블랙헤드|피지|요철|유분|번들|민감|예민|건성|지성|복합성|수부지)"
)
_GOODS: Final = r"(?:크림|로션|토너|스킨|에센스|세럼|앰플|오일|미스트|레티놀|알코올|에탄올)"
_BESIDE: Final = (
    r"(?:같은\s*(?:건|거는?|것은)\s*|(?:고민|걱정|편|문제|쪽)[은도이]?\s*"
    r"|(?:아직|딱히|별로|그다지)\s*)*"
)
_REFUSED: Final = r"(?:싫|무섭|무서|말고|빼고|제외|대신)[가-힣]*"
_DENIED: Final = re.compile(
    rf"(?:{_CONCERNS}\s*(?:이나|나|이랑|랑|하고|도|과|와|[,·])\s*)*{_CONCERNS}[가-힣]{{0,4}}\s*{_BESIDE}"
    rf"(?:(?:없|아니|아닌|않|안\s*나)[가-힣]*|{_REFUSED})"
    rf"|{_GOODS}[가-힣]{{0,2}}\s*{_BESIDE}{_REFUSED}"
)
_KEPT: Final = re.compile(r"안\s*나는$")
"""«여드름 안 나는 크림»: that is what is wished."""
_COMMON: Final = re.compile(
    r"추천[가-힣]*|ㅊㅊ|ㄱㄱ|골라\s?[가-힣]*|알려\s?[가-힣]*|보여\s?[가-힣]*|찾아\s?[가-힣]*|부탁[가-힣]*|궁금[가-힣]*"
    r"|(?:해|써|발라)\s?(?:주세요|줘요?|줄래요?)|(?:주세요|줘요?|줄래요?)(?![가-힣])|괜찮은\s?거|좋은\s?거|있[나어을는][가-힣]*|있습니까"
    r"|어때요?|어떤가요|어떨까요|뭐[가야예]?[요임]?(?![가-힣])|뭘까요?|무엇인가요|뭔가요|무슨|어떤|왜|어떻게|관리해야|하나요|할까요|인가요|되나요|돼요?(?![가-힣])"
    r"|될까요|요즘|요새|자꾸|아무리|너무|진짜|정말|좀(?![가-힣])|그런데|근데|때문에|스트레스[가-힣]*|고민이[가-힣]*|걱정이?에?[가-힣]*|(?<![가-힣])저는?(?![가-힣])|제가"
)
_CALLED: Final = tuple(
    (re.compile(said), meant)
    for said, meant in (
        # skin
        (r"블랙헤드|화이트헤드|피지", "모공 피지 살리실릭애씨드"),
        (r"좁쌀|요철|오돌|우둘|울퉁", "트러블 각질 매끄럽게 피부결"),
        (r"모공", "모공 피지 조여"),
        (r"여드름|뾰루지|뽀루지|트러블", "트러블 진정 올라온"),
        (r"홍조|빨개|빨갛|붉|달아오|열감|화끈", "진정 붉은 기 가라앉"),
        (r"칙칙|안색|톤업|어두워|얼굴빛", "미백 안색 밝게 맑게 톤"),
        (r"잡티|기미|주근깨|색소|미백", "미백 잡티 안색 멜라닌"),
        (r"주름|눈가|팔자|탄력|처[지져]|늘어[지져]", "주름 탄력"),
        (r"[당땅][기겨김긴]|건조|속당김|메마|푸석|갈라", "보습 건조 촉촉 당기"),
        (r"각질|하얗게\s*(?:일어|떠|들뜨)|들떠|들뜨", "각질 매끈"),
        (r"번들|개기름|유분|기름[져지기]", "피지 유분 산뜻 번들거림"),
        (r"따[갑가]|예민|민감|자극", "진정 순한 자극"),
    )
)
_CALLED_INGREDIENTS: Final = tuple(
    (re.compile(said), meant)
    for said, meant in (
        (r"히알[루룬론]|하이알루", "히알루론산 하이알루로닉애씨드 소듐하이알루로네이트"),
        (r"바쿠치", "바쿠치올"),
        (r"시카(?!고)|병풀|센텔라", "병풀 시카 마데카소사이드"),
        (r"어성초|약모밀", "어성초 약모밀추출물"),
        (r"한방", "홍삼 인삼 한방 당귀 감초"),
        (r"살리실산|바하|BHA|bha", "살리실릭애씨드"),
        (r"아하|AHA|aha|글리콜산", "글라이콜릭애씨드 락틱애씨드"),
        (r"레티날", "레틴알"),
        (r"나이아신", "나이아신아마이드"),
        (r"비타민\s?[cC씨]", "비타민 아스코빅애씨드"),
        (r"비타민\s?[eE이]", "토코페롤"),
        (r"구리|카퍼", "구리 카퍼트라이펩타이드-1"),
        (r"귀리|오트", "귀리 귀리커넬추출물"),
        (r"(?:무향|향료?[가이]?\s*(?:없는|없이|안\s*나|빠진))", "무향"),
        (r"(?<![가-힣])꿀", "꿀 꿀추출물"),
        (r"쌀겨|쌀뜨물|미강|(?<![가-힣])쌀", "쌀겨 쌀"),
        (r"달팽이", "달팽이점액여과물"),
        (r"발효", "발효물 발효여과물 발효용해물 효모추출물"),
    )
)
_CALLED_GOODS: Final = tuple(
    (re.compile(said), meant)
    for said, meant in (
        (r"스킨(?!케어)", "토너 스킨"),
        (r"앰플|세럼", "세럼 앰플 에센스"),
        (r"에멀[전젼]|밀크", "로션 에멀전 밀크"),
        # the shop
        (
            r"언제\s*(?:와|오|도착|받)|며칠|몇\s*일|도착|택배|배달(?!비)|얼마나\s*걸",
            "배송은 얼마나 걸리나요 도착",
        ),
        (r"공짜|무료|배[송달]\s*(?:비|료)|택배비|운임", "배송비 무료"),
        (
            r"송장|운송장|어디쯤|배송\s*(?:조회|추적|상태)|(?:물건|택배|주문|상품)\S*.*어디(?!서)",
            "주문한 물건 송장 번호",
        ),
        (r"반품|돌려\s*(?:보|받|줘|주)|물러|무르|환불", "환불이나 반품은 어떻게"),
        (
            r"(?:개봉|뜯|뚜껑|쓰던|썼던|써\s?본|쓰다|쓰고|발라).*(?:환불|반품)",
            "뜯은 화장품도 환불 이미 쓰신",
        ),
        (r"교환|바꿔|바꾸", "교환 바꿔"),
        (
            r"깨[져진졌지]|파손|부서|부러|박살|터[져졌진]|(?:뚜껑|펌프)\S*\s*(?:고장|불량)|불량|찌그러"
            r"|[새샜]\S*\s*(?:왔|와)|망가",
            "깨지거나 새서 왔어요",
        ),
        (
            r"취소|마음\s*바뀌|(?:주문|산|시킨)\S*\s*(?:거|것)?\s*(?:안\s*할|안\s*살|안살|안할|없던)",
            "주문 취소",
        ),
        (r"몇\s*시|언제\s*열|문\s*(?:여|열|닫)|영업|휴무|쉬는\s*날", "영업시간 오전 저녁"),
        (r"어디\s*(?:에\s*)?있|위치|주소|찾아\s*가|오시는", "매장 주소 어디"),
        (r"전화|연락|문의|상담[원사]|사람이랑|직원|고객\s*센터", "고객센터 연락 전화 채팅"),
        (r"포장|선물|(?:리본|쇼핑백)|싸\s?(?:줘|주)", "선물 포장"),
        (r"샘플|견본|테스터|덤|체험|미니어처|증정", "샘플"),
        (r"짝퉁|가짜|정품|진품|진짜(?=\s*(?:제품|상품|물건|맞))|위조", "정품 제조번호"),
        (
            r"유통\s*기한|기한|제조\s*일|날짜\S*\s*(?:넉넉|남|지난|임박)|오래된\s*(?:거|것|제품)",
            "유통기한 남은",
        ),
        (r"(?:개봉|뜯[은고]|뚜껑\s*(?:연|열))(?!.*(?:환불|반품))", "뜯은 뒤 언제까지 써야"),
        (r"포인트|적립|마일리지", "적립금 포인트"),
        (r"쿠폰|할인\s*(?:코드|권)|바우처", "쿠폰 할인"),
        (r"페이(?![스셜])|카드|할부|계좌|결제", "결제 간편결제 카드"),
        (r"재입고|입고|재고|품절|또\s*들어|다시\s*들어", "품절된 다시 들어오나요"),
    )
)


_INITIALS: Final = {
    "ㅌㄴ": "토너",
    "ㅋㄹ": "크림",
    "ㄹㅅ": "로션",
    "ㅇㅅㅅ": "에센스",
    "ㅁㅅㅌ": "미스트",
    "ㅅㄹ": "세럼",
    "ㅇㅍ": "앰플",
}
_SLIPS: Final = {
    "바쿠치욜": "바쿠치올",
    "히알룬산": "히알루론산",
    "히아루론": "히알루론",
    "나이아신아미드": "나이아신아마이드",
    "세라마이트": "세라마이드",
    "판테논": "판테놀",
    "래티놀": "레티놀",
    "레티롤": "레티놀",
    "어성조": "어성초",
    "엠플": "앰플",
    "쎄럼": "세럼",
    "로숀": "로션",
}
"""Of words too short for the likeness of letters to tell."""
_TYPED: Final = re.compile(rf"(?<![ㄱ-ㅎ])(?:{'|'.join(_INITIALS)})(?![ㄱ-ㅎ])|{'|'.join(_SLIPS)}")
_WRITTEN: Final = _INITIALS | _SLIPS


@dataclass(frozen=True, slots=True)
class Wording:
    said: str
    """The question without what it denies and what it may cost."""
    plain: str
    """What is left of the question, for its meaning."""
    words: str
    """The same with the catalogue's own words, for theirs."""


@lru_cache(REMEMBERED)
def wording(question: str) -> Wording:
    _, _, unpriced = band(question[:QUESTION_AT_MOST])
    unpriced = _TYPED.sub(lambda found: _WRITTEN[found[0]], unpriced)
    wished = _DENIED.sub(lambda found: found[0] if _KEPT.search(found[0]) else " ", unpriced)
    plain = " ".join(_COMMON.sub(" ", wished).split()) or question[:QUESTION_AT_MOST]
    called = (*_CALLED, *_CALLED_INGREDIENTS, *_CALLED_GOODS)
    meant = " ".join(more for said, more in called if said.search(wished))
    return Wording(wished, plain, f"{plain} {meant}".strip())


def ingredients_called(text: str) -> list[str]:
    """What the catalogue calls the ingredients of the text, a line of words for each."""
    return [more for said, more in _CALLED_INGREDIENTS if said.search(text)]
