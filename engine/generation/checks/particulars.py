"""What has to be worded in a passage because no count tells it: places of the face, textures,
scents, what goes on inside the skin, when and how to use, and what using promises."""

import re
from typing import Final

from engine.generation.checks.words import flat


def _same(*each: str) -> tuple[tuple[str, str], ...]:
    return tuple((one, one) for one in each)


_NAMED: Final = tuple(
    (re.compile(said), re.compile(told))
    for said, told in (
        # places
        *_same(r"팔자", r"이마", r"눈가|눈\s?밑", r"입가", r"(?:티|T)\s?존|유존", r"목주름"),
        # what it feels like
        (r"^(?!.*(?:값|가격|부담)).*(?:가볍|가벼[운워])",
         r"가볍|가벼|산뜻|묽|무겁지|스며|금방\s*흡수|끈적이지|끈적임\S*\s*없"),
        (r"산뜻", r"산뜻|가볍|가벼|스며|끈적이지|끈적임\S*\s*없"),
        (r"쫀득|쫀쫀", r"쫀"),
        (r"젤\s?(?:처럼|같|타입|제형)", r"젤"),
        (r"(?:크림|오일|로션|워터)\s?(?:처럼|같은|타입의)", r"처럼"),
        (r"시원|쿨링|청량", r"시원|쿨링|청량|식혀|식히|더위|빙하"),
        (r"입자|분사|안개\s?분사", r"입자|분사|안개"),
        (r"광채|윤광|물광|윤기", r"광|윤|안색"),
        (r"보송|매트한|매트하|벨벳|실키", r"보송|매트|벨벳|실키"),
        (r"번들|유분기|기름지", r"번들|유분|피지|기름|산뜻"),
        (r"화장이\s|화장\s?위|화장\s?전|메이크업", r"화장|메이크업"),
        (r"백탁", r"백탁"),
        # scents
        (r"(?:꽃|장미|로즈|라벤더|시트러스|감귤|레몬|허브|풀|비누|과일|우디|머스크|베르가못)\S?\s?향"
         r"(?:이|기|을|의)",
         r"꽃|장미|라벤더|감귤|레몬|허브|풀향|풀내|비누|과일|우디|머스크|베르가못"),
        # inside the skin
        (r"균(?:을|이|의)", r"균"),
        (r"세포", r"세포"),
        (r"재생", r"재생"),
        (r"턴오버(?!\s?크림)|재생\s*주기", r"턴오버|주기"),
        (r"콜라겐\S{0,2}\s*(?:생성|합성|생산|촉진|만들)",
         r"콜라겐\S{0,2}\s*(?:생성|합성|생산|만들)"),
        (r"호르몬", r"호르몬"),
        (r"혈액|순환", r"혈액|순환"),
        (r"염증", r"염증"),
        (r"독소|노폐물", r"독소|노폐물"),
        (r"면역", r"면역"),
        (r"항균|살균|소독", r"균|소독"),
        (r"보톡스|필러|시술|레이저", r"보톡스|필러|시술|레이저"),
        (r"진피|깊숙이|깊은\s*(?:곳|층)|속까지", r"진피|깊|속까지"),
        (r"미세\s?먼지|환경\s?오염", r"먼지|오염"),
        (r"피부\s*온도|체온", r"온도|체온|식혀|식히"),
        (r"유수분|밸런스|균형", r"유수분|밸런스|균형"),
        (r"장벽", r"장벽|배리어"),
        (r"흉터", r"흉터"),
        (r"기능성", r"기능성"),
        (r"(?:\d+|한|두|세|몇)\s?(?:주|달|개월)일?\s*(?:뒤|후|정도면|쯤이면|이면|부터)\S*\s*(?:\S+\s){0,3}?"
         r"(?:효과|나타|느껴)", r"(?:\d+|한|두|세|몇)\s?(?:주|달|개월)일?\s*(?:뒤|후|부터|안)"),
        (r"발암|중금속|유해\s*물질", r"발암|중금속|유해"),
        # for whom and when it is said to be liked
        (r"\d0\s?대|어머님들|아버님들", r"\d0\s?대|어머니|엄마|부모"),
        (r"(?:여름|겨울|봄|가을|환절기|사계절)\S{0,2}\s*(?:\S+\s){0,2}?(?:좋|추천|인기|딱|알맞|적합)",
         r"여름|겨울|봄|가을|환절기|사계절|더운|추운|바람"),
        # shop
        (r"(?:무료|공짜)(?!로\s*알려)", r"무료"),
        (r"재구매|단골|완판|입소문", r"재구매|또\s*[샀사살]|다시\s*샀|개째"),
    )
)  # fmt: skip
"""What a sentence says, and the words of which a passage must have one."""
_FREE_OF: Final = (
    r"(?:알코올|에탄올|향료|파라벤|실리콘|색소|방부제|설페이트|오일)\S{0,2}\s*(?:없[어는이다]|안\s*(?:들|넣)"
    r"|들어\s?있지\s*않|넣지|뺐|빠[져진]|무첨가|프리|제로)"
)
_LACKS: Final = re.compile(_FREE_OF)
_TOLD_TO_LACK: Final = re.compile(rf"{_FREE_OF}|무향|무알코올|무첨가")
_WISH: Final = re.compile(r"찾으|원하|바라|싶으|고르시|라면|으면\s*다른|하시면\s*다른")
"""Takes up what the person asked for, and says it of nothing."""
_REFERS: Final = re.compile(
    r"(?:병원|피부과|전문의|의사|약사)\S*\s*(?:\S+\s){0,4}?(?:물어|여쭤|상담|진료|보여|가\s?보|확인)"
)
_ADVISES: Final = re.compile(
    r"(?:세요|십시오|돼요|됩니다|괜찮[아습]|좋[아습]|권[해장]|추천|충분|무방|무리)\S*\s*$"
)
_USES: Final = tuple(
    (re.compile(said), re.compile(told))
    for said, told in (
        (r"자기\s*전|잠들기|자고\s*일어", r"밤|자기\s*전|저녁|나이트"),
        (r"아침\s*저녁|아침과\s*저녁|아침·저녁", r"아침.{0,4}저녁"),
        (r"밤에|저녁에|밤마다|저녁마다", r"밤|저녁에|저녁마다|나이트"),
        (r"(?<!다음 날 )아침에(?![는]?\s*(?:자외선|선크림))", r"아침"),
        (r"매일|날마다", r"매일|날마다|데일리"),
        (r"하루에?\s*(?:한|두|세|네|\d)\s?번?", r"하루에?\s*(?:한|두|세|네|\d)"),
        (r"격일|이틀에|하루\s*걸러|이틀\s*걸러", r"격일|이틀|걸러"),
        (r"일?주일?에\s*(?:한|두|세|서너|\d)", r"주일?에"),
        (r"듬뿍|여러\s*번\s*(?:덧|겹)|덧발[라랐]|덧바르|레이어링",
         r"듬뿍|덧바|덧발|여러\s*번|레이어"),
        (r"흔들", r"흔들"),
        (r"냉장", r"냉장"),
        (r"화장솜|토너\s?패드", r"화장솜|패드"),
        (r"\d+\s*(?:분|초)\s*(?:정도|쯤|뒤|후|간|동안)", r"\d+\s*(?:분|초)"),
        (r"(?:아침|저녁|후)에\s*씻어|물로\s*씻어\s*내\S*\s*$", r"씻어"),
        (r"두드|톡톡|마사지", r"두드|톡톡|마사지"),
    )
)  # fmt: skip
_CAREFUL: Final = re.compile(
    r"좁은|소량|귀\s*뒤|팔\s*안쪽|팔뚝|패치|시험|테스트|조금씩|천천히|선크림|자외선|멈추|중단|불편"
    r"|미지근"
)
"""The advice that holds of everything."""
_USING: Final = re.compile(
    r"(?:쓰|바르|발라|뿌리|사용하|써)\S{0,4}(?:면|시면|보면|나면|줄수록|수록|자마자)\s"
    r"|(?:바르고|쓰고|뿌리고)\s*(?:자면|나면)\s|(?:꾸준히|함께|같이)\s*(?:쓰|바르|사용하)\S{0,3}면\s"
)
_GAINS: Final = re.compile(
    r"좋아[져지질]|밝아|맑아|옅어|환해|매끈해|촉촉해|탱탱|팽팽|차올|줄어|개선|올라[가와]|사라|펴[져지]"
    r"|탄탄|차분해|진정|배가|효과(?:가|를)\s*(?:\S+\s)?(?:커|높|빨|볼|보실|느끼)|잘\s*(?:받|먹)"
    r"|부드러워|매끄러워|나아[져지질]|작아|달라"
)
_REPORTED: Final = re.compile(r"다는|다고|라는|라고|후기|리뷰|평이|의견")
_PREFIX: Final = re.compile(r"(?<![가-힣])(?P<prefix>[불무비])(?P<rest>[가-힣]{3,})")
_TAIL: Final = re.compile(r"(?:이|가|은|는|을|를|의|에|도|로|과|와|이에요|예요|산이|산을)$")


def unworded(sentence: str, text: str) -> bool:
    """Whether it says something particular that `text`, of all that it may lean on, does not."""
    leaves = _WISH.search(sentence) or _REFERS.search(sentence)
    named = () if leaves else _NAMED
    if any(said.search(sentence) and not told.search(text) for said, told in named):
        return True
    return _advised(sentence, text) or _promised(sentence, text) or _of_other_sign(sentence, text)


def lacking(sentence: str, text: str) -> bool:
    """«알코올이 없어»: the lists of passages leave out the end, so that alone proves nothing."""
    return _LACKS.search(sentence) is not None and _TOLD_TO_LACK.search(text) is None


def _advised(sentence: str, text: str) -> bool:
    """«자기 전에 얇게 바르고 아침에 씻어 내세요»."""
    if _ADVISES.search(sentence.rstrip(" .!~")) is None or _CAREFUL.search(sentence):
        return False
    return any(said.search(sentence) and not told.search(text) for said, told in _USES)


def _promised(sentence: str, text: str) -> bool:
    """«둘을 함께 쓰면 탄력이 좋아져요»: what using brings, by nobody's word."""
    using = _USING.search(sentence)
    if using is None or _REPORTED.search(sentence):
        return False
    gain = _GAINS.search(sentence, using.end())
    return gain is not None and flat(gain[0]) not in flat(text)


def _of_other_sign(sentence: str, text: str) -> bool:
    """«불포화지방산이 많아요» of what is rich in 포화지방산."""
    found = flat(text)
    for word in _PREFIX.finditer(sentence):
        rest = _TAIL.sub("", word["rest"])
        if len(rest) > 2 and rest in found and f"{word['prefix']}{rest}" not in found:
            return True
    return False
