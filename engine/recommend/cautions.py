"""What wants care: ingredients for some people, and ingredients of two products for one skin.

Every rule names where it comes from. Names are Korean standard names (대한화장품협회 성분사전). A
label does not tell amounts, so nothing here says that a product does harm.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.domain import Care, Conflict, Ingredient, Pairing


@dataclass(frozen=True, slots=True)
class Members:
    """Which ingredients are meant."""

    names: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    """Found in the name."""
    roles: frozenset[str] = frozenset()
    """First of its roles (배합목적)."""
    limits: str | None = None
    """Found in what the EU annexes say of it."""

    def takes(self, ingredient: Ingredient) -> bool:
        return (
            self.holds(ingredient.name)
            or not self.roles.isdisjoint(ingredient.roles[:1])
            or (self.limits is not None and self.limits in (ingredient.limits or ""))
        )

    def holds(self, name: str) -> bool:
        return name in self.names or (
            self.pattern is not None and self.pattern.search(name) is not None
        )

    def among(self, formula: Collection[str]) -> tuple[str, ...]:
        """In the formula's order, or by name where it has none."""
        ordered = formula if isinstance(formula, Sequence) else sorted(formula)
        return tuple(name for name in ordered if self.holds(name))


def _members(
    names: str = "", pattern: str = "", *, roles: str = "", limits: str | None = None
) -> Members:
    return Members(
        names=frozenset(names.split()),
        pattern=re.compile(pattern) if pattern else None,
        roles=frozenset(roles.split()),
        limits=limits,
    )


RETINOIDS = _members(
    "레티놀 레틴알 레티날 레틴옥시트라이메틸실레인 트레티노인 아다팔렌 타자로텐",
    r"^레티닐|레티노에이트$|레티노익애씨드$|레티노일",
)
"""Vitamin A and what the skin makes it of. Not hydrogenated retinol, whose double bonds are gone,
nor bakuchiol."""
ACIDS = _members(
    "글라이콜릭애씨드 락틱애씨드 만델릭애씨드 소듐글라이콜레이트 암모늄글라이콜레이트 "
    "살리실릭애씨드 카프릴로일살리실릭애씨드 베타인살리실레이트"
)
"""AHA and BHA that peel. Not citric, malic and tartaric acid, of which most formulas hold a
little to set the pH."""
PEROXIDE = _members("벤조일퍼옥사이드 과산화벤조일")
"""A medicine in Korea: it can only come up in a list that someone types."""


class Strength(StrEnum):
    LEFT_OUT = "left_out"
    """Never recommended to whom it concerns (`engine.store.avoidance`)."""
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One caution; for whom it holds, `SkinProfile.minds` says."""

    care: Care
    members: Members
    strength: Strength
    source: str
    hint: bool = False
    """The evidence is of animals or of a dish, not of people who used a product."""
    listed: bool = True
    """Told of a product; the others stand on the ingredient's page only."""


KOREAN_ALLERGENS = (
    "아밀신남알 신나밀알코올 시트랄 유제놀 하이드록시시트로넬알 아이소유제놀 아밀신나밀알코올 "
    "벤질살리실레이트 신남알 쿠마린 제라니올 아니스알코올 벤질신나메이트 파네솔 "
    "부틸페닐메틸프로피오날 리날룰 벤질벤조에이트 시트로넬올 헥실신남알 리모넨 메틸2-옥티노에이트 "
    "알파-아이소메틸아이오논 참나무이끼추출물 나무이끼추출물"
)
"""24 of the 25. The 25th, benzyl alcohol, is far more often the preservative than the scent; a
dictionary that holds it against the scent says so in `Ingredient.limits`."""
EU_ALLERGENS = (
    "6-메틸쿠마린 터펜틴 알파-터피넨 터피놀렌 3-프로필리덴프탈라이드 메틸살리실레이트 아세틸세드렌 "
    "아밀살리실레이트 아네솔 벤즈알데하이드 캠퍼 베타-카리오필렌 카르본 다이메틸페네틸아세테이트 "
    "헥사데카노락톤 헥사메틸인다노피란 리날릴아세테이트 멘톨 "
    "트라이메틸사이클로펜테닐메틸아이소펜텐올 살리실알데하이드 산탈올 스클라레올 터피네올 "
    "테트라메틸아세틸옥타하이드로나프탈렌 트라이메틸벤젠프로판올 바닐린 유제닐아세테이트 "
    "제라닐아세테이트 아이소유제닐아세테이트 피넨 알파-다마스콘 델타-다마스콘 로즈케톤-3 "
    "로즈케톤-4 시스-로즈케톤-2 트랜스-로즈케톤-1 트랜스-로즈케톤-2 트랜스-로즈케톤-3 "
    "무고소나무잎오일 무고소나무잔가지오일 눈잣나무잎추출물 눈잣나무잎/잔가지추출물 "
    "눈잣나무잎/잔가지오일 아틀라스시다목부오일 아틀라스시다목부추출물 아틀라스시다나무껍질오일 "
    "아틀라스시다껍질추출물 아틀라스시다잎추출물 아틀라스시다나무껍질수 "
    "발삼페루수지 발삼페루수지추출물 발삼페루오일 "
    "일랑일랑꽃오일 일랑일랑꽃추출물 육계잎오일 실론시나몬나무껍질오일 오렌지꽃오일 오렌지껍질오일 "
    "비터오렌지껍질오일 당귤껍질오일 베르가모트오일 베르가모트껍질오일 레몬껍질오일 "
    "레몬그라스잎오일 동인도레몬그라스오일 카멜그라스오일 유칼립투스잎오일 클로브잎오일 "
    "커먼자스민오일 커먼자스민꽃추출물 스페인자스민꽃추출물 연필향나무오일 연필향나무목부오일 "
    "월계수잎오일 라벤더오일 라벤더추출물 라벤더꽃/잎/줄기추출물 라반딘오일 라반딘추출물 "
    "라반딘꽃추출물 더치라벤더오일 더치라벤더꽃/잎/줄기오일 더치라벤더꽃/잎/줄기추출물 "
    "페퍼민트오일 스피어민트잎오일 입술연지수선화꽃추출물 황수선추출물 센티드제라늄꽃오일 "
    "광곽향오일 다마스크장미꽃오일 다마스크장미꽃추출물 하얀장미꽃추출물 로즈힙꽃오일 "
    "프로방스장미꽃오일 프로방스장미꽃추출물 프렌치로즈꽃오일 해당화꽃오일 단향오일"
)
"""What Regulation (EU) 2023/1545 added, as far as the Korean dictionary has a name for it."""
CLOGGING = _members(
    "아이소프로필미리스테이트 아이소프로필아이소스테아레이트 아이소프로필팔미테이트 "
    "아이소프로필리놀리에이트 미리스틸미리스테이트 미리스틸락테이트 에틸헥실스테아레이트 "
    "에틸헥실팔미테이트 아이소세틸스테아레이트 스테아릴헵타노에이트 올레일알코올 라우릭애씨드 "
    "라우레스-4 올레스-3 아세틸레이티드라놀린알코올 카카오씨버터 코코넛야자오일"
)
"""Graded 4 or 5 of 5."""
YEAST = _members(
    "라우릭애씨드 미리스틱애씨드 팔미틱애씨드 스테아릭애씨드 올레익애씨드 리놀레익애씨드 "
    "리놀레닉애씨드 아라키딕애씨드 베헤닉애씨드 폴리솔베이트20 폴리솔베이트40 폴리솔베이트60 "
    "폴리솔베이트80 글리세릴스테아레이트 글리세릴올리에이트 올리브오일",
    r"^(?:메틸|에틸|아이소프로필|부틸|데실|라우릴|미리스틸|세틸|스테아릴|올레일|에틸헥실|아이소세틸"
    r"|솔비탄)(?:라우레이트|미리스테이트|팔미테이트|스테아레이트|올리에이트|리놀리에이트)$",
)
"""Fatty acids of 12 to 24 carbons, and what of their plain esters and Tweens formulas hold. Plant
oils are all made of them; of those only olive oil, on which Malassezia is grown, is named."""

RULES = (
    Rule(
        Care.VITAMIN_A,
        RETINOIDS,
        Strength.LEFT_OUT,
        "EMA, review of 22 March 2018: retinoid medicines, those for the skin too, are not used "
        "in pregnancy. SCCS/1576/16 and SCCS/1639/21: vitamin A in cosmetics is limited, its "
        "effect on the unborn child the critical one. Left out as a precaution; no harm is shown",
    ),
    Rule(
        Care.SALICYLIC,
        _members("살리실릭애씨드 카프릴로일살리실릭애씨드 베타인살리실레이트"),
        Strength.SHOWN,
        "Bozzo et al., Can Fam Physician 2011;57:665-667: such products act on the spot and "
        "little reaches the blood, so it is shown and not left out. "
        "Regulation (EC) 1223/2009, Annex III no. 98: at most 2 % on the face",
    ),
    Rule(
        Care.ALLERGEN,
        _members(f"{KOREAN_ALLERGENS} {EU_ALLERGENS}", limits="향 알레르겐"),
        Strength.SHOWN,
        "Regulation (EC) 1223/2009, Annex III, as amended by (EU) 2023/1545; 식약처 고시 「화장품 "
        "사용할 때의 주의사항 및 알레르기 유발성분 표시에 관한 규정」 별표 2",
    ),
    Rule(
        Care.SCENT,
        _members(roles="착향제"),
        Strength.SHOWN,
        "SCCS/1459/11 on fragrance allergens: who is sensitised reacts to traces",
    ),
    Rule(
        Care.STING,
        _members(roles="착향제 각질제거제 청량제"),
        Strength.SHOWN,
        "Misery et al., Acta Derm Venereol 2017;97:4-6: sensitive skin stings and burns at what "
        "others do not feel; SCCNFP/0370/00: AHA irritate the skin",
    ),
    Rule(
        Care.CLOGGING,
        CLOGGING,
        Strength.SHOWN,
        "Fulton, J Soc Cosmet Chem 1989;40:321-333, on rabbits' ears. Draelos and DiNardo, J Am "
        "Acad Dermatol 2006;54:507-512: products that hold them need not make comedones",
        hint=True,
    ),
    Rule(
        Care.YEAST,
        YEAST,
        Strength.SHOWN,
        "Nazzaro Porro et al., J Invest Dermatol 1976;66:178-182: grows on fatty acids from C12 to "
        "C24; Wilde and Stewart, Biochem J 1968;108:225-231: longer than C10. In a dish",
        hint=True,
        listed=False,
    ),
    Rule(
        Care.SUN,
        _members(
            "글라이콜릭애씨드 락틱애씨드 만델릭애씨드 소듐글라이콜레이트 암모늄글라이콜레이트"
        ),
        Strength.SHOWN,
        "식약처 고시 「화장품 사용할 때의 주의사항 및 알레르기 유발성분 표시에 관한 규정」 별표 1: "
        "AHA of more than 0.5 %; FDA guidance on labelling AHA, 2005",
        listed=False,
    ),
)
"""In the order in which they are told."""
RULE_OF = {rule.care: rule for rule in RULES}


def cares(ingredient: Ingredient) -> tuple[Care, ...]:
    """The rules that an ingredient falls under."""
    return tuple(rule.care for rule in RULES if rule.members.takes(ingredient))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups better not put on the skin together."""

    pairing: Pairing
    one: Members
    other: Members
    source: str


PAIRS = (
    Pair(
        Pairing.RETINOID_ACID,
        RETINOIDS,
        ACIDS,
        "Retin-A Micro (tretinoin) prescribing information: the effects of salicylic acid and "
        "other irritants are to subside first; SCCNFP/0370/00: AHA irritate the skin",
    ),
    Pair(
        Pairing.RETINOID_PEROXIDE,
        RETINOIDS,
        PEROXIDE,
        "Martin et al., Br J Dermatol 1998;139(s52):8-11: peroxide and light degrade tretinoin. "
        "Del Rosso et al., J Clin Aesthet Dermatol 2010: one stabilised gel was not degraded",
    ),
    Pair(
        Pairing.RETINOIDS,
        RETINOIDS,
        RETINOIDS,
        "SCCS/1639/21 and Regulation (EU) 2024/996: exposure to vitamin A adds up over products",
    ),
)
"""Left out as folklore, no basis found: vitamin C with niacinamide, with copper peptides or with
retinol."""


def reacts(name: str) -> bool:
    """Whether an ingredient can be part of a conflict at all."""
    return any(pair.one.holds(name) or pair.other.holds(name) for pair in PAIRS)


def conflicts(formulas: Sequence[Collection[str]]) -> tuple[Conflict, ...]:
    """Between any two of the formulas (Korean standard names), each pairing once for a pair.

    What one formula holds by itself was made to go together and is no conflict.
    """
    return tuple(
        conflict
        for first, formula in enumerate(formulas)
        for second in range(first + 1, len(formulas))
        for pair in PAIRS
        if (conflict := _between(pair, first, formula, second, formulas[second])) is not None
    )


def evening_only(formula: Collection[str]) -> tuple[str, ...]:
    """What speaks for the evening: vitamin A decays in light, and peels make the skin tender to
    the sun (the source of `Care.SUN`)."""
    return RETINOIDS.among(formula) + ACIDS.among(formula)


def _between(
    pair: Pair, first: int, one: Collection[str], second: int, other: Collection[str]
) -> Conflict | None:
    for left, right in ((pair.one, pair.other), (pair.other, pair.one)):
        mine, theirs = left.among(one), right.among(other)
        if mine and theirs:
            return Conflict(pair.pairing, first, second, (mine[0], theirs[0]))
    return None
