"""What in a question is a doctor's matter, also written without spaces and with slips.

Words are compared as they sound: «부엇어요» and «부었어요», «입슬» and «입술» are the same here.
The lists were written for this project; what to do in each case follows the public first-aid advice
of 119 (소방청) and what 식품의약품안전처 says of vitamin A in pregnancy.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final, Self


class Alarm(StrEnum):
    """Of `Intent.MEDICAL`."""

    EMERGENCY = "emergency"
    """Breathing, swelling, burns: 119."""
    DOCTOR = "doctor"
    """Diagnosis, prescription, pregnancy and medicine."""
    REACTION = "reaction"
    """Skin that stings or itches after a product: stop first."""


class Flag(StrEnum):
    """What was seen; each has its own set words in `engine.generation.guard`."""

    LIFE = "life"
    """Hints of wanting to die or to hurt oneself."""
    BREATHING = "breathing"
    ALLERGY = "allergy"
    """A severe one: shock, hives all over."""
    SWELLING = "swelling"
    BURN = "burn"
    SWALLOWED = "swallowed"
    EYE = "eye"
    INFECTION = "infection"
    PREGNANCY = "pregnancy"
    DOCTOR = "doctor"
    REACTION = "reaction"

    @property
    def alarm(self) -> Alarm:
        match self:
            case Flag.INFECTION | Flag.PREGNANCY | Flag.DOCTOR:
                return Alarm.DOCTOR
            case Flag.REACTION:
                return Alarm.REACTION
            case _:
                return Alarm.EMERGENCY


@dataclass(frozen=True, slots=True)
class Rule:
    flag: Flag
    pattern: re.Pattern[str]
    """As it sounds."""
    written: re.Pattern[str]
    """The same as it is written."""
    unless: re.Pattern[str] | None = None

    def holds(self, said: "Said") -> bool:
        if self.unless is not None and self.unless.search(said.sounds):
            return False
        return any(self._told(said, match) for match in self.pattern.finditer(said.sounds))

    def _told(self, said: "Said", match: re.Match[str]) -> bool:
        """What is waved aside («시술 말고 홈케어») is not told, unless a life may hang on it."""
        aside = _ASIDE.match(said.sounds, match.end()) is not None
        return self._stands(said, match) and not (aside and self.flag.alarm is Alarm.DOCTOR)

    def _stands(self, said: "Said", match: re.Match[str]) -> bool:
        """A short word must be written so («이사» is no «의사»), and not be made of the end of
        one word and the beginning of the next («시발 진짜»)."""
        if match.end() - match.start() > SHORT:
            return True
        written = self.written.match(said.letters, match.start()) is not None
        torn = match.start() not in said.starts and any(
            at in said.starts for at in range(match.start() + 1, match.end())
        )
        return written and not torn


@dataclass(frozen=True, slots=True)
class Said:
    letters: str
    """The text without blanks and signs, casefolded."""
    sounds: str
    """The same as it sounds, letter for letter."""
    starts: frozenset[int]
    """Where its words begin."""

    @classmethod
    def of(cls, text: str) -> Self:
        words = [word for word in _JOINED.split(_normal(text)) if word]
        starts = accumulate((len(word) for word in words), initial=0)
        letters = "".join(words)
        return cls(letters, "".join(map(_sound, letters)), frozenset(starts))


SHORT: Final = 2
"""Letters of a word that sounds like too many others."""
_INITIALS: Final = dict(zip("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ", strict=True))
_LEADS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS: Final = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_VOWEL_SOUNDS: Final = dict(zip("ㅐㅒㅖㅙㅞㅡㅢ", "ㅔㅔㅔㅚㅚㅜㅣ", strict=True))
_TAIL_SOUNDS: Final = dict(
    zip(
        "ㄲㄳㄺㅋㄵㄶㄷㅆㅈㅊㅎㄼㄽㄾㅀㅄㅍㄿㄻ",
        "ㄱㄱㄱㄱㄴㄴㅅㅅㅅㅅㅅㄹㄹㄹㄹㅂㅂㅂㅁ",
        strict=True,
    )
)
_PARTICLE: Final = "는"
"""It would sound like «눈», and every «했는데 … 빨개요» would tell of an eye."""
_JOINED: Final = re.compile(r"[^\w가-힣ㄱ-ㅣ]+")


def heard(text: str) -> str:
    """The text as it sounds: casefolded, no blanks, near sounds written alike. Idempotent."""
    return "".join(map(_sound, _JOINED.sub("", _normal(text))))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(4096)
def _sound(letter: str) -> str:
    code = ord(letter) - 0xAC00
    if not 0 <= code < 11172 or letter == _PARTICLE:
        return letter
    lead, vowel = _LEADS[code // 588], _VOWELS[code % 588 // 28]
    tail = _TAILS[code % 28]
    lead = _INITIALS.get(lead, lead)
    vowel, tail = _VOWEL_SOUNDS.get(vowel, vowel), _TAIL_SOUNDS.get(tail, tail)
    place = (_LEADS.index(lead) * 21 + _VOWELS.index(vowel)) * 28 + _TAILS.index(tail)
    return chr(0xAC00 + place)


def _rule(flag: Flag, *patterns: str, unless: str = "") -> Rule:
    whole = re.sub(r"\s+", "", "|".join(patterns))
    return Rule(flag, _compiled(whole), re.compile(whole), _compiled(unless) if unless else None)


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern in plain Korean, written as it sounds; blanks in it are for the reader."""
    return re.compile("".join(map(_sound, re.sub(r"\s+", "", pattern))))


_ASIDE: Final = _compiled("[이가은는도을를]?(?:말고|아니고|아니라)")
_RETINOID = (
    "레티놀|레티날|레티노|레틴|비타민a|비타민에이|아다팔렌|디페린|이소티논|로아큐탄|트레티노인"
    "|스티바|retin|adapalene|accutane"
)
_EXPECTING = (
    "임신|임산부|임부|임테기|만삭|예비맘|예비엄마|애낳|애기낳|아기낳|아이낳|임심|임싱|산모|수유(?:중|하|할|기|부|맘|모|에|때)|모유(?!두|비누)|출산(?!선물|축하|율)|pregnan|nursing"
    "|breastfeed|breast-feed"
)
_FACE = "입술|입슬|입이|입가|눈|얼굴|얼골|볼|뺨|혀|혓바닥|목|목구멍|기도|lip|eye|face|tongue|throat"
_SWOLLEN = (
    "부었|부엇|부웠|부어|부엌|부으|부은|부음|부읏|(?<!는)붓|붑|붰|붜|붇고|붇는|붇기|부풀|팅팅|퉁퉁|땡땡"
    "|swell|swollen|puff"
)
_GOODS = (
    "크림|토너|스킨|로션|오일|화장품|선크림|에센스|세럼|앰플|미스트|클렌[저징]|샴푸|리무버|아세톤"
    "|립밤|제품|폼|향수|팩|매니큐어"
)
_CHILD = "아이|아기|애기|애가|딸|아들|조카|강아지|고양이|신생아|손주"
_BREATHLESS = (
    r"못쉬|안쉬|막[히혀힘혔]|차[요고서는]|차$|찬다|찹니다|차올|가[쁘빠빴]|곤란|힘[들드든]"
    r"|어[려렵]|쌕쌕|불편|답답|안나와|쉬기가|쉬기힘|조[여이]|헐떡"
)
RULES: Final[Sequence[Rule]] = (
    _rule(
        Flag.LIFE,
        "죽고싶|죽고십|죽고시퍼|죽구싶|자살(?!구)|자해(?!석)|살기싫|살기시러|살고싶지|살고싶은마음이없|살이유가없|살아서뭐|사라지고싶|사라져버리",
        "없어지고싶|죽어버리|죽는게나[을아은]|죽는방법|죽을방법|목숨을끊|목숨끊|손목을긋|손목을그|손목긋|그만살|극단적선택|생을마감|세상을떠나고싶",
        r"(?:손목|팔목|팔뚝|허벅지|칼로|커터)[을를에]?(?:[가-힣]{0,3})(?:그은|그었|긋고|긋는)",
        "콱?죽어버[릴리려렸]|없[는어]지?는?게낫|죽으려고|죽을까|다끝내(?:고싶|버리)|더는못살|못살겠(?:다|어)고?죽",
        r"(?:손목|팔목|몸)에상처(?:를)?내|나만?없(?:으면|어지면|는게)|눈(?:을)?안(?:떴으면|뜨고싶)|(?:영영|영원히)잠들|못?깨어나지않았으면"
        r"|살의미가?없|살가치도없|(?:나|내가)(?:하나)?(?:없어져도|사라져도|죽어도)|(?:다|전부|모두)?놓아버리고싶|살가치가?없|(?:차라리|그냥)죽|죽는게(?:더|차라리)?(?:나|편|낫)|(?:나를|나자신|내자신|스스로)[가-힣]{0,8}(?:없애|해치|때리|혐오|역겨)|약(?:을)?(?:한통|다|여러알|몽땅)[가-힣]{0,4}(?:먹을까|먹고죽|삼킬)|살아서뭐|왜사[나는냐]|살아야하[나는]|살(?:기|아가기)(?:가)?(?:너무)?(?:힘들|지쳐|지친|지겨)|삶을?(?:포기|끝)|유서|목[을]?매(?:달|고싶|려고)|번개탄|투신",
        "뛰어내리|나를해치|나자신을해|내몸을해치|suicid|killmyself|wanttodie|hurtmyself|endmylife|selfharm",
    ),
    _rule(
        Flag.BREATHING,
        rf"(?:숨이?을?도?가?|숨쉬[기는]가?|호흡이?을?도?가?)(?:[가-힣]{{0,4}})(?:{_BREATHLESS})",
        (
            r"숨이?막|숨차|호흡곤란|숨을?쉴수가?없|숨이안|숨도못|목이?(?:막혀|막히|조[여이])"
            r"|기도가막|질식|cantbreathe|cannotbreathe"
            r"|hardtobreathe|shortnessofbreath|difficultybreath|troublebreath"
        ),
        (
            r"가슴이?(?:너무|갑자기)?(?:답답|조[여이])|의식이?을?(?:없|잃|흐려)|(?<!헥)실신|기절"
            r"|쓰러[졌지져]|경련|청색증|입술이?파래"
        ),
        unless=r"(?:가격|값|카드값|통장)[을에이]?(?:보고)?(?:숨막|기절|쓰러)|기절(?:하게|할만큼|할정도로)(?:좋|예)|피부가?숨|피부도숨|모공이?숨|숨쉬는피부|숨쉬는느낌|피부호흡|숨막히게(?:좋|예)|숨막히는(?:향|비주|매력)|목이?막히는향",
    ),
    _rule(
        Flag.BREATHING,
        r"쌕쌕|헐떡|숨(?:을|이|도)?(?:몬쉬|모쉬|못시|안시)",
        r"(?:기도|목구멍|목)(?:가|이)?(?:좁아|막히|조여|부어|닫히)|말이?(?:점점|잘)?안나[와옴오]|꺽꺽|컥컥|숨소리가?(?:이상|거칠|쌕|그렁)|축늘어|(?:애가|아이가|아기가)(?:안움직|반응이없|의식)|파래[졌지져]|숨(?:을|이)?[가-힣]{0,4}(?:넘어가|멎|멈[추췄]|끊)",
        r"정신(?:을|이|줄)?(?:잃|나갔|놓|혼미|없어지)|(?:혀|입|얼굴|손발|팔다리)[가이도]?마비",
        r"응급실|(?:119|구급차)(?:불|에|를|부)",
        unless=r"피부가?숨|모공이?숨|응급실템",
    ),
    _rule(
        Flag.ALLERGY,
        r"에피펜|epipen|쇼크(?:올거|올것|오는|온거|온것|나)",
        r"(?:두드러기|두드레기|두드럭)[가-힣]{0,8}(?:토했|토하|어지러|숨|붓|부어)",
        r"(?:온몸|전신|몸)(?:에|이|으로)?[가-힣]{0,4}(?:두드레기|두드럭지)",
    ),
    _rule(
        Flag.ALLERGY,
        r"아나필락|아낙필락|anaphyla",
        r"(?:알레르기|알러지|알레지|알르레기|알러기|과민)(?:성)?쇼크|쇼크(?:가|를|왔|온|증상)",
        (
            r"(?:온몸|전신|몸전체|몸에|목까지|얼굴전체)(?:에|이|으로)?[가-힣]{0,4}(?:두드러기"
            r"|두드럭|발진|뒤집)|두드러기(?:가|이)?(?:온몸|전신"
            r"|퍼[져지졌]|번[져지졌])"
        ),
        (
            r"(?:심한|극심한|심하게|중증)(?:알레르기|알러지)|(?:알레르기|알러지)(?:반응)?(?:이"
            r"|가)?(?:너무|엄청|되게|아주)?(?:심[해하한각]|극심)"
        ),
        r"severeallerg|hivesallover",
    ),
    _rule(
        Flag.SWELLING,
        rf"(?:{_FACE})(?:[가-힣a-z]{{0,12}}?)(?:{_SWOLLEN})",
        rf"(?:{_SWOLLEN})(?:[가-힣]{{0,6}})(?:입술|눈이안떠|눈을못떠|얼굴이|혀가)",
        r"눈이안떠[져지]|눈을(?:못|뜰수)",
        r"(?:swollen|swelling)(?:of)?(?:the|my)?(?:lips?|eyes?|face|tongue|throat)",
        unless=(
            r"(?:아침|자고일어나|라면|술마신|부기빼|붓기빼|붓기제거|붓기관리|부기관리|부종관리"
            r"|림프|마사지)[가-힣]*(?:눈|얼굴)?|(?:얼굴|눈"
            r"|눈가)(?:의)?(?:붓기|부기)(?:에|를|를?빼|관리|완화|제거|가라앉히는(?:제품|크림|팩"
            r"|마사지))|눈에(?:붙|붓펜)|붓펜|아이라이너"
            r"|(?:볼|얼굴|눈가)(?:에|으로)[가-힣]{0,4}(?:붓으로|부어서(?:바르|쓰))|붓으로"
        ),
    ),
    _rule(
        Flag.SWELLING,
        # One night's puffiness is left to the rule above; not where something was put on before.
        (
            rf"(?:{_GOODS}|바르|발랐|발라|썼|쓰고|뿌리|뿌렸)(?:[가-힣a-z0-9]{{0,30}}?)(?:{_FACE})"
            r"(?:[가-힣]{0,8}?)(?:부었|부엇|부어|부음|부풀|붓고|풍선|팅팅|퉁퉁|띵띵)"
        ),
        rf"(?:{_FACE}|낯짝|볼때기)(?:[가-힣]{{0,8}}?)(?:풍선|띵띵부|퉁퉁부|팅팅부|부었심|부었당)",
        rf"(?:{_FACE}|쌍커풀|쌍꺼풀|눈꺼풀|잇몸)(?:[가-힣]{{0,10}}?)(?:호빵|소시지|찐빵|만두|풍선|개구리|붕어|괴물)(?:처럼|같이|만|됐|됨|이)",
        rf"(?:{_FACE})(?:이|가)?(?:두배|세배|2배|3배|달덩이|심슨|빵빵)(?:가|이|처럼|로)?(?:됐|됨|해졌|부|돼|만|커)",
        r"(?:쌍커풀|쌍꺼풀|눈꺼풀|눈두덩)[가-힣]{0,8}(?:부음|부었|붓|사라|없어)|(?:팔|손|발|다리|몸|귀|두피)[이가도]?[가-힣]{0,4}(?:퉁퉁|부었|부어오|부풀)",
        r"눈(?:두덩이?|꺼풀|커풀|탱이|이|을)?[가-힣]{0,6}안(?:떠|뜨)",
        unless=r"[부붓]기|붓으로|바르려|부어서(?:바르|쓰)",
    ),
    _rule(
        Flag.BURN,
        r"지졌|지져(?:서|버)|데였|데었|데여[서가]|데임(?![신산부테])|데인(?:데|곳|자리|거|손|팔|것)",
        r"(?:피부|얼굴|살|살갗)[이가도]?(?:익은|익었|녹은|녹았|홀라당|홀랑)",
        (
            r"(?:기름|국물|뜨거운물|끓는물|커피|불|약품|용액|원액)[이가을에]?(?:손|팔|얼굴|목|다리)?[가-힣]{0,4}(?:튀[어었]|튄|쏟)"
            r"|살점|살(?:이|갗이)?(?:떨어졌|뜯[겼어기]|파였|패였)|(?:얼굴|피부|살|입술)[이가]?(?:다|막|진짜)?(?:타는|타들|녹는|불타)"
        ),
        (
            r"(?:필링|원액|산성|산|제모|왁싱|박피)[가-힣]{0,10}(?:살|피부|얼굴|껍질)[이가도]?"
            r"[가-힣]{0,4}(?:벗겨[졌짐져]|까졌|까만|까맣)|(?:필링|패드|염색약|탈색약|제모|파마약|팩)[가-힣]{0,14}(?:시커[멓매먹]|헐었|헐어|까매졌|짓물)|살(?:이|갗이)?헐"
        ),
        unless=r"데여서?옴|데이[지트]",
    ),
    _rule(
        Flag.BURN,
        (
            r"화상(?!통화|회의|채팅|면접|수업|상담|연결|자국|흉터크림)|화학(?:적)?(?:화상|손상)"
            r"|chemicalburn|burned|burnt"
            r"|burns?(?:on|my|skin|face)|skinburn"
        ),
        (
            r"(?:피부|얼굴|살|볼|이마|팔|손|입술|입가|두피|목)[이가를을도]?(?:[가-힣]{0,5})(?:데었|데였"
            r"|데엇|데임|덴것|덴거|데인|녹았|녹는것같|녹아내"
            r"|타들어|벗겨[졌지져]서?(?:피|진물|따가|쓰라)|까맣게탔|탔어)"
        ),
        (
            r"(?:뜨거운|고데기|다리미|끓는|물에|염산|락스|양잿물|강산|표백제|필링"
            r"|산성)[가-힣]{0,12}(?:데었|데였|데엇|데였|데여|데서|데인|덴|화상|녹)"
        ),
        r"(?:락스|염산|황산|빙초산|표백제)[가-힣]{0,6}(?:닿|튀|묻|쏟|발랐|바르)",
    ),
    _rule(
        Flag.EYE,
        (
            r"(?:눈|눈알|눈동자|각막|안구)(?:에|속에|안에|으로|속으로|안으로"
            r"|쪽에)(?:[가-힣]{0,10})(?:들어[가갔감간]|드러[가갔]|튀[었어엇긴]|튄"
            r"|튕|찔[렸러]|묻었|흘러|닿았|스며|뿌[렸려])(?!간것처럼)"
        ),
        (
            r"(?:눈)(?:이|을)(?:[가-힣]{0,6})(?:안보이|안보여|멀었|멀것|실명|시력)|(?:시야|앞)(?:가"
            r"|이)(?:흐려|흐릿|뿌옇|안보)"
        ),
        r"(?:in|into|gotin|splashed)(?:to)?(?:my|his|her|the)?eyes?",
        unless=r"눈에(?:쏙|확|팍)?들어(?:오|왔)|눈에띄|눈에(?:는)?안들어|들어가지않",
    ),
    _rule(
        Flag.EYE,
        r"(?:눈|눈알|눈동자|눈흰자)[이가도]?[가-힣]{0,8}(?:충혈|빨갛|빨개[졌지져]|벌[겋게개]|시뻘)",
        r"(?:충혈|빨갛|빨개[졌지져]|벌겋)[가-힣]{0,6}눈(?:알|이|을)",
        r"(?<!부)눈(?:이|알이|도)(?:[가-힣]{0,8})(?:시려|시큰|아프|아파|따가[워웠운]|따갑(?!지)|찢어질)",
        rf"(?:{_GOODS}|약|물|거품|가루|향수)?[이가을를]?눈(?:에|안에|속에)(?:분사|뿌려|발사|칙|드갔|드가|들가|들어갓|튀)",
        unless=r"눈(?:이|에)?(?:안|덜)(?:따|아|시)|눈화장[가-힣]{0,4}(?:빨|붉)|눈(?:이|도)?따갑지",
    ),
    _rule(
        Flag.SWALLOWED,
        (
            rf"(?:{_CHILD})(?:[가이도는]|들이)?[가-힣]{{0,12}}?(?:{_GOODS}|립글로스|틴트|연고|이거|그거|화장품)"
            r"[가-힣]{0,4}?(?:먹|꿀꺽|꿀떡|마[시셨]|핥)"
        ),
        rf"(?:{_GOODS}|틴트|립글로스|로숀)(?:을|를|도|만)?[가-힣]{{0,6}}(?:드셨|드신|드셔버|드시고|집어먹|베어먹|퍼먹|받아먹|주워먹|입에넣|입에대|씹[었어])",
        rf"(?:먹음|먹었|먹어버[렸렷]?[엌어]?|꿀꺽|마심)[^가-힣]{{0,8}}[가-힣]{{0,4}}(?:{_CHILD})",
        r"(?:아세톤|리무버|향수|매니큐어|과산화수소|소독약)[을를]?(?:한모금|조금)?(?:마[시셨심]|먹[음었])",
        unless=r"피부가[가-힣]{0,6}(?:먹|마[셨시])|잘먹|화장이?먹|먹여|안먹",
    ),
    _rule(
        Flag.SWALLOWED,
        (
            rf"(?:{_GOODS})(?:를|을|도|은|는|이|가)?(?:[가-힣]{{0,10}}?)(?:삼[켰키켜킨]|삼겼|마셨"
            rf"|마셔[버졌]|마신|마시고|마셧"
            rf"|들이[켰키]|먹었|먹엇|먹어버|먹어 ?부렸|먹은것같|먹은거같|먹고말|핥[았아])"
        ),
        (
            rf"(?:{_CHILD})(?:가|이|도|는)?(?:[가-힣0-9]{{0,14}}?)(?:삼[켰키켜킨]|마셨|마셧"
            rf"|마셔[버졌]|먹었|먹엇|먹어버|입에넣"
            rf"|빨아먹|핥[았아고는])"
        ),
        r"(?:삼켰|삼켯|삼겼|삼켜버|삼킨것|마셔버렸|들이켰)",
        r"입(?:에|안에|속에)(?:[가-힣]{0,8})(?:들어[가갔])",
        r"swallow|ingested|drank|ateit|atethe",
        unless=(
            r"(?:화장|잘|파운데이션|색소|피부가?|물을?|로션을?|스킨을?|크림을?"
            r"|토너를?)먹[었어는](?:고?은?도?잘|지?않)|화장이?(?:잘)?(?:먹"
            r"|안먹)|잘먹[었었는어]|쏙쏙먹|쫙쫙먹|피부가[가-힣]{0,6}(?:먹|마[셨시])|나이를?먹"
            r"|겁먹|먹는(?:화장품|콜라겐|히알)|욕(?:을)?먹"
            r"|피부(?:에|로|가)?(?:쏙|쭉)?(?:흡수|스며)"
        ),
    ),
    _rule(
        Flag.PREGNANCY,
        (
            rf"(?:{_EXPECTING})(?:.{{0,60}})(?:{_RETINOID})"
            rf"|(?:{_RETINOID})(?:.{{0,60}})(?:{_EXPECTING})"
        ),
        rf"{_EXPECTING}",
        (
            r"쌍둥이(?:를)?(?:품|임|가졌|배)|시험관|인공수정|임출육|입덧|산후조리|조리원(?!동기|선물)|막달|태교|태아|배란|난임|수유(?!자|역|동)|완모|유축|제왕절개|배[속에]{1,2}아[기이]|뱃속(?:에|의|아|애)|젖먹이|젖먹여|젖물|(?:아이|아기|애기|애|둘째|셋째"
            r"|첫째)(?:를|가|를?를)?(?:가졌|가진지|생겼|생긴|들어섰|밴)|임밍아웃|[0-9]{1,2}주차(?!별|장)"
        ),
        unless=r"(?:출산)(?:한지|한)[0-9가-힣]{1,4}년",
    ),
    _rule(
        Flag.INFECTION,
        (
            r"고름|고룸|진물|짓물|곪[았아은는]|곰[았]|덧났|덧나[서고]|농(?:찼|차서|찬|나와|이|양|포|가진)|노란물이|노란물집|감염"
            r"|봉와직염|연조직염|모낭염|2차감염|세균감염|패혈|괴사|pus"
            r"|infect|oozing"
        ),
        r"(?:열이|열도|발열|고열|몸살|오한)(?:이|이?나|가|도|와|있|난|펄펄)(?:[가-힣]{0,10})",
        (
            r"(?:상처|피부|뾰루지|여드름|부위)[이가에서도는]*[가-힣]{0,8}(?:열이?나|뜨끈하고붓|썩[는은어]"
            r"|냄새나고|고여)"
        ),
        unless=(
            r"열이?나는?(?:팩|마사지|안대)|농(?:축|도|협|업|구|담|사|촌|약|후)|발열팩"
            r"|모?낭?감염성?제외|열감|열이?나[갔가]|펄펄끓는인기|컵에열"
            r"|화농성여드름(?:피부)?(?:추천|에좋|에쓸)"
        ),
    ),
    _rule(
        Flag.DOCTOR,
        (
            r"진단|처방|병원(?!근처|옆|앞)|피부과(?!테스트|시험|추천제품|안가)|의사(?!소통|표현)|질환|염증|물집|수포|두드러기"
            r"|두드럭|발진|습진|건선|아토피|지루성|주사(?:피부염|비|를?맞)"
            r"|피부염|대상포진|무좀|백반증|사마귀(?!가?그려|그림)|켈로이드"
        ),
        (
            r"항생제|스테로이드|연고|약(?:을|은|이|도|먹|이랑|같이)?(?:먹|복용|발라|바르|써)|복용"
            r"|이소티논|로아큐탄|디페린|스티바|피가(?:나|난|났|흐)"
            r"|출혈|수술|시술|레이저(?:로|를|시술|치료|받|후|하고|했|한|맞)|보톡스(?!대신)|필러(?!대신)"
        ),
        (
            r"(?:점|멍울|혹)(?:이|도)?[가-힣]{0,6}(?:커[지졌져]|변[했하해])|(?:여드름|기미|주름"
            r"|탈모)[을를이가은는]?[가-힣]{0,4}(?:치료"
            r"|고칠|낫)|치료|피부암|흑색종|당뇨|항암"
        ),
        unless=r"예약(?:을|은|이)?(?:써|바)|화약",
    ),
    _rule(
        Flag.DOCTOR,
        # Wounds: nothing is put on them but what a doctor says.
        (
            r"베인(?:데|곳|자리|상처|손|거)|베여[서가]|베였|찢어[져졌]|찢어진(?:데|곳|상처|피부)|꿰[맨맸맴매]|바늘꿰|꼬맨|실밥"
            r"|까진(?:데|곳|자리|상처|무릎)|까져서|까졌(?!대)|상처(?:벌어|(?:에|가|위에|난|부위)(?!받)[가-힣]{0,4}"
            r"(?:바르|발라|발랐|크림|앰플|세럼|벌어|나|써|쓰|토너|로션))|피(?:가|도)?철철|피나(?:는|고|서|요|네|얼굴|$)|피가"
            r"(?:안멈|계속|자꾸)|피멍"
        ),
        # What was done to the skin.
        (
            r"프락셀|울쎄라(?!같은|효과|처럼)|써마지|슈링크|인모드|리쥬란|스킨부스터|물광주사|피코(?![르리크폴])|레이[저져](?:토닝|제모|받|하|치료)"
            r"|ipl|엠티에스|mts(?:하|받|후|기)|박피(?:하|받|후|했|시)|점(?:을)?뺀|점(?:을)?[뺐빼](?:고|는|었|러|서|어|지)"
            r"|점뺐|반영구(?:눈썹|하|받)|문신(?:하|받|후|부위)|타투(?:하|받|후|부위)|(?:쌍수|쌍꺼풀)(?:하고|했|한지|한거|후)"
        ),
        # Medicine by its names and by what it is for.
        (
            r"리도멕스|더모베이트|엘리델|프로토픽|데스오웬|박트로반|후시딘|마데카솔|에스로반|듀악|크레오신"
            r"|애크린|유시락스|항히스타민|스테로이드|소론도|피임약|(?:혈압|갑상선|당뇨|우울증|수면|정신과|탈모|면역|여드름|피부)약(?![한하해])"
            r"|혈전|아스피린먹|항응고|이소트레|미노씬|독시사이클린|독시싸이"
        ),
        # Names of what only a doctor tells apart.
        (
            r"낭종|한포진|태열|열꽃|다래끼|헤르페스|구순포진|편평사마귀|비립종(?:인|같)|모낭충|쥐젖|옴(?:인거|인가|같|걸)"
            r"|무슨(?:피부)?병|병(?:인가|인지|이야|이에요|인거)(?!디|쁘)|임파선|병명|(?:백일|생후|[0-9]개월)(?:된)?(?:아기|아이|애)|루푸스|백납|농가진|종기(?!종)|부스럼|멍울|짓무[르른]|암환자|천식|트레티노인(?:을|크림)?(?:쓰|써|썼|바르|발라)|어지럽고토"
            r"|(?:견과류?|땅콩|아몬드|호두|꽃가루|라텍스|향료|니켈|벌|꿀|콩|우유|밀|계란)(?:에|성분)?(?:알레르기|알러지|알레지)(?!프리|유발)|단독(?:인|걸)"
            r"|감각이(?:없|둔)|찌릿찌릿|마비[됐되된]|(?:바르|발랐|쓰|썼)[가-힣]{0,6}토(?:했|하|를|가)|먹고토(?:한|했|하)"
            r"|심장이[가-힣]{0,3}(?:두근|뛰|벌렁)[가-힣]{0,6}어지"
        ),
        # Those whose skin a doctor looks after already, and what bit, stung or cut.
        (
            r"이식(?:을)?받|투석|와파린|혈액희석|면역억제|(?:심장|고혈압|간|신장|위장|뇌전증|호르몬|안정|알러지|알레르기|천식|항진)"
            r"(?:질환|병|약)(?!속|산)|처방약|(?:진통제|두통약|감기약|소염제)[을를]?(?:먹고|먹는중|먹었)|(?:약|주사)(?:을|를)?(?:맞|투여|달고)|인슐린|고혈압|갑상[선샘]|수혈|백혈병|크론|류마티스|항우울|정신과|뇌전증|간질(?!간질|거)(?<!간질간질)|자가면역"
            r"|백선|어루러기|옴진드|벌레(?:에|한테)?물[린렸려]|(?:벌|모기|해파리|개|뱀|지네|진드기)(?:에|한테|에게)?(?:쏘[였인여]|물[렸린려])|할퀴|할[퀸퀴]"
            r"|(?:칼|가위|유리|면도기|면도칼|종이)(?:에|로)?[가-힣]{0,4}(?:베[었였여인임]|찔[렸린려]|긁혔)|(?:손|턱|볼|얼굴|다리)[을이]?베[었였]|긁힌|할켜|찰과상|시퍼렇게멍|(?:피부|살|볼|얼굴)(?:에|이)?(?:구멍|파[였인임])|멍(?:이|든)(?:들|데|곳)"
            r"|딱지(?:가|도|를)?(?:앉|생|떨|졌|지|뜯|떼)|(?:뾰루지|여드름|종기|상처)[이가에도]?[가-힣]{0,8}(?:붓고|부어|부었|욱[신씬]|뜨거|썩)|감각이상|저[려리](?:고|요|다)"
        ),
        unless=r"유리병|병디자인|종기종기|상처(?:를)?받[았은는]|피나무|피나콜",
    ),
)
_REACTION = _rule(
    Flag.REACTION,
    (
        r"(?:바르|발랐|발라|쓰고|쓰니|썼|써|뿌리|뿌렸|사용|바른|쓴|뿌린)[가-힣]{0,12}?(?:따가워"
        r"|따갑|따끔|화끈|가려워|가렵|간지러|뒤집어|뒤집혔|붉어졌"
        r"|빨개졌|빨갛게|올라왔|났어요|일어났|쓰라[려리]|두드러)"
    ),
    unless=r"추천|(?:따가|따갑|따끔|가려|간지러|화끈)[가-힣]{0,4}(?:나요|까요|지않|않나|없|편|수)|않는|지지?않|덜[해하한했]|안(?:따|가려|뒤집)",
)


_AIL = (
    r"따가[워웠우운]|따갑(?![지나])|따끔|쓰라[리려린]|쓰리(?:고|다|네|어)|쓰려|화끈(?:거|화|하고|하다)|불타는|불난|(?<!러)불나는"
    r"|가려[워웠움운]|가렵(?![지나])|간지[러럽]|근질|욱신|얼얼|아[파픈프팠](?!트)|아려"
)
_SKIN = "피부|얼굴|볼|이마|턱|목|낯짝|뺨|코|바른데|바른곳|자리|살"
_SUFFERED = _rule(
    Flag.REACTION,
    # Told as felt now, with or without what was put on.
    rf"(?:{_SKIN})[가-힣]{{0,6}}?(?:{_AIL}|시뻘|벌겋|벌게[졌짐]|울긋불긋|불같이뜨|뒤집어[졌짐]|뒤집혔|껍질이?벗겨)",
    rf"(?:{_AIL})[가-힣]{{0,4}}(?:죽겠|미치|미쳐|환불|뒤[지질]|못참|바르|발라|발랐|크림|토너|앰플|로션|세럼)",
    r"(?:개|존나|졸라|너무|엄청|억수로|겁나|계속|자꾸|막)(?:따가[워웠]|따갑(?!지)|따가운데|가려[워웠움]|가렵(?!지)|쓰[라려리]|간지)",
    # A part and what it feels, in either order, beside a word of how it came or how much.
    (
        rf"(?:{_SKIN}|팔|손|두피|입술|입|닿은데|닿은곳)[이가도은는에]?(?:[가-힣]{{0,5}}?)(?:맵다|매워|매운|찌릿|홧홧|후끈|따끔|땡겨서아|당겨서아|얼얼"
        r"|타는거|타는것|벌개|벌게[졌짐]|시뻘|빨개[졌짐]|계속빨개|새빨개[졌짐]|홍당무|각질이벗|다벗겨|까짐|진짜아|개아[파픔]|존나아)"
    ),
    (
        r"(?:바르|발랐|발라|쓰고|쓴뒤|쓴후|썼|쓰니|쓰면|바른|뿌리|직후|닿은데|닿은곳)[가-힣]{0,14}?(?:빨개|빨갛|벌개|벌게|벌겋|아[프파픔픈]|벗겨[졌지져]"
        r"|근질|쓰라|홧홧|후끈|맵|매워|뭐가(?:잔뜩|막|많이|자꾸)?(?:나|남|났|올라)|대?폭발|난리|올라[와옴왔]|이상해|저려|얼얼|터졌|터짐)"
    ),
    r"(?:빨간|붉은)(?:점|반점|발진|게|거)(?:이|가)?[가-힣]{0,6}(?:퍼[졌지져]|번[졌지져]|올라|생[겼김기]|났|잔뜩|쫙)",
    r"^(?:아+|으+|악)?(?:너무)?(?:따가[워웠]|따갑(?![지나])|쓰라[려리]|쓰리고|쓰려|가려워|간지러)",
    (
        r"부작용(?:이|이좀|도)?(?:난|났|생[겼긴]|왔|온|남|인가|일까|같|인거|인것)|명현|뒤집어[졌짐]|뒤집혔|빨[갛개겋][가-힣]{0,2}오돌토돌|울긋불긋|시뻘[개겋게]|벌게[졌짐지]|붉은반점"
        r"|(?:좁쌀|뾰루지|트러블|여드름)[이가]?[가-힣]{0,3}(?:확올라|폭발|뒤집|난리)"
        r"|(?:알러지|알레르기|알레지|두드러기)(?:가|반응)?(?:이|가)?(?:올라|났|생겼|일어|왔|남|난거|난듯)"
        r"|(?:턱|볼|이마|얼굴|코|목)(?:에|이|가)?뭐가(?:우두두|막|잔뜩|다|확|자꾸)?(?:났|나서|올라)|(?:세수|세안|샤워)[가-힣]{0,6}(?:쓰라|따가[워웠운]|따갑(?!지))|(?:빨갛|벌겋)고(?:간지|간질|가려|따)|(?:여드름|뾰루지)[가-힣]{0,6}아[파프픈]|(?:바르고|쓰고|바르니|쓴뒤|발랐더니)[가-힣]{0,8}(?:토했|난리|시뻘|아[파프])"
    ),
    r"rash(?:after|on|from)|itch(?:y|ing|es)|burning|stings|myskinburns|itburns|irritated",
    unless=(
        r"(?:따가|따갑|따끔|가려|가렵|간지|화끈|쓰라|아프|부작용|뒤집)[가-힣]{0,4}(?:나요|까요|지않|않|없|편|수있|진않|지는?않)"
        r"|덜(?:따|가|자|화)|안(?:따가|가려|가렵|뒤집|아프|아픈|화끈)|(?:가려|간지)[가-힣]{0,6}(?:보습|건조)|잡티[를을]?가려|가려[주지줘진]|가려움(?:완화|에좋|케어)"
        r"|뒤집어(?:서|놔|도|쓰)|통장이?아|가격"
    ),
)


def flag(text: str) -> Flag | None:
    """The gravest thing that the text tells of; None where nothing is a doctor's matter."""
    said = Said.of(text)
    found = next((rule.flag for rule in RULES if rule.holds(said)), None)
    suffered = _REACTION.holds(said) or _SUFFERED.holds(said)
    return found or (Flag.REACTION if suffered else None)


def alarm(text: str) -> Alarm | None:
    seen = flag(text)
    return seen.alarm if seen else None
