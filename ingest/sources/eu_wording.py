"""What an annex of Regulation (EC) No 1223/2009 asks, in Korean and from its fields alone.

Concentrations stand as the annex writes them, after «최대»; a field that is not understood becomes
no number but «…조건이 있음», which sends the reader to the annex.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 3
"""So many uses are told one by one; methyl salicylate has fourteen."""
NATURAL: Final = "천연 원료에 본디 든 만큼만 허용"
CONDITIONS: Final = "조건이 있음(부속서를 볼 것)"

_MARK: Final = re.compile(r"(?:^|(?<=[\s;,.(]))\(?([a-z])\)\s*")
_PERCENT: Final = re.compile(r"(?<![\d.,])(\d+(?:[., ]\d+)?)\s*(%|ppm|mg/kg)", re.IGNORECASE)
_AS: Final = re.compile(
    r"\(?\b(?:calculated\s+)?as\s+(?:a\s+)?([A-Za-z0-9 -]{1,40}?)\s*(?:[).;,]|$)"
)
_ACID: Final = re.compile(r"%\s*\(acid\)")
_MIXED: Final = re.compile(
    r"mixing under\s+\w+\s+conditions?.{0,80}?exceed\s+(\d+(?:[.,]\d+)?)\s*%", re.I | re.S
)
_OF_BOTH: Final = re.compile(
    r"(?:\bfor )?\([a-h]\)(?:(?:\s|,|and|or)+\([a-h]\))+\s*:?", re.IGNORECASE
)
"""«For (a) and (b):» begins no part."""
_LABELLED: Final = re.compile(r"indicated.{0,60}in the list of ingredients", re.I | re.DOTALL)
_PEROXIDE: Final = re.compile(r"peroxide value.{0,60}?less than\s+(\d+)\s*mmoles?/L", re.I | re.S)
_ALLYL: Final = re.compile(r"free allyl alcohol.{0,40}?less than\s+(\d+[.,]\d+)\s*%", re.I | re.S)
_SHARES: Final = re.compile(r"0[.,]001\s*% in leave-on.{0,20}0[.,]01\s*% in rinse-off", re.I | re.S)
_LABEL: Final = "씻어 내지 않는 제품 0.001 %, 씻어 내는 제품 0.01 % 초과 시 표시"
_PURITY: Final = re.compile(
    r"purity|free from|not more than|concentration in the colou?ring", re.IGNORECASE
)
"""What is asked of the raw material and not of the product."""
_INHALED: Final = re.compile(
    r"not to be used in applications.{0,40}exposure.{0,40}lungs", re.I | re.S
)
_SPRAYED: Final = re.compile(r"not to be used in (?:aerosol|spray)", re.IGNORECASE)
_FROM: Final = re.compile(r"\bas from \d+ \w+ \d{4}\s*[:,]\s*", re.IGNORECASE)
_EXPERTS: Final = re.compile(r"^\W*(?:for )?professional use(?: only)?\W*$", re.IGNORECASE)
_UNDER: Final = re.compile(r"children (?:under|below) (?:3|three) years", re.I)

_BASES: Final = {
    "acid": "산",
    "free base": "유리 염기",
    "base": "염기",
    "free so2": "유리 SO2",
    "f": "불소",
    "nh3": "암모니아",
    "zinc": "아연",
    "zirconium": "지르코늄",
    "strontium": "스트론튬",
    "sulphur": "황",
    "sulphate": "황산염",
    "sulfate": "황산염",
    "hydrochloride": "염산염",
    "hydrocloride": "염산염",
    "hydro-chloride": "염산염",
    "tetrahydrochloride salt": "사염산염",
    "dihydrochloride": "이염산염",
    "phenol": "페놀",
    "etidronic acid": "에티드로닉애씨드",
    "quinine base": "퀴닌 염기",
    "calcium hydroxide": "수산화칼슘",
    "chlorhexidine": "클로르헥시딘",
    "benzalkonium chloride": "벤잘코늄클로라이드",
    "thioglycollic acid": "싸이오글라이콜릭애씨드",
    "agcl": "염화은",
}
_USES: Final = (
    # (what the field says, what we say); the first that is found in it counts
    (r"^not to be used in.*mucous membranes", "점막에 닿는 제품 제외"),
    (r"^not to be used in eye products", "눈가 제품 제외"),
    (r"^all cosmetic products.*exception of oral", "구강 제품을 뺀 모든 제품"),
    (r"rinse-off products.*other than hair dye", "염모제가 아닌 씻어 내는 제품"),
    (r"rinse-off products.*except oral", "씻어 내는 제품(구강 제품 제외)"),
    (r"rinse-off products.*not to be used in oral", "씻어 내는 제품(구강 제품 제외)"),
    (r"leave-on products other than oral", "씻어 내지 않는 제품(구강 제품 제외)"),
    (r"other leave-on and rinse-off|^others?\s+prod", "그 밖의 제품"),
    (r"solvent in (?:hair|oxidative|non)", "염모제의 용매"),
    (r"stabili[sz]er.*rinse-off hair", "씻어 내는 헤어 제품의 안정제"),
    (r"stabili[sz]er.*leave-on hair", "씻어 내지 않는 헤어 제품의 안정제"),
    (r"non-?\s*oxid\w*", "비산화 염모제"),
    (r"oxidati\w* hair|oxidising colou?ring", "산화 염모제"),
    (r"only for colou?ring eyelashes and eyebrows", "속눈썹·눈썹 염색 제품"),
    (r"colou?ring eyelashes", "속눈썹 염색 제품"),
    (r"eyelash waving", "속눈썹 펌 제품"),
    (r"ph[ -]\s*a\w*juster for depilator", "제모제의 pH 조절"),
    (r"depilator", "제모제"),
    (r"ph[ -]\s*a\w*juster", "그 밖의 pH 조절"),
    (r"hair waving|hair straighten", "펌·스트레이트 제품"),
    (r"anti-?\s?dandruff", "비듬용 샴푸"),
    (r"hair rinse-off|rinse-off hair", "씻어 내는 헤어 제품"),
    (r"leave-on hair|hair leave-on", "씻어 내지 않는 헤어 제품"),
    (r"leave-on face", "씻어 내지 않는 얼굴 제품"),
    (r"body leave-on", "씻어 내지 않는 바디 제품"),
    (r"shampoo and face", "샴푸와 얼굴 제품"),
    (r"hair lotions? and shampoo", "헤어 로션과 샴푸"),
    (r"hair lotion", "헤어 로션"),
    (r"rinse-off shampoo", "샴푸"),
    (r"hair aerosol", "헤어 스프레이"),
    (r"^hair products?|^hair$", "헤어 제품"),
    (r"nail system", "인조 손톱"),
    (r"nail harden", "손톱 강화제"),
    (r"nail cuticle", "손톱 큐티클 제거제"),
    (r"^nail products?", "손톱 제품"),
    (r"self-tanning.*face", "얼굴 셀프 태닝 제품"),
    (r"self-tanning", "셀프 태닝 제품"),
    (r"^body lotion, eye", "바디로션·눈·입술 화장품·롤온"),
    (r"other products except body lotion", "그 밖의 제품(바디로션·눈·입술 화장품·롤온 제외)"),
    (r"face products.*exception of prop", "얼굴 제품(추진제 스프레이 제외)"),
    (r"face products, hand products", "얼굴·손·입술 제품(스프레이 제외)"),
    (r"body products, including", "바디 제품(스프레이 포함)"),
    (r"face\s+products in\s+loose powder", "가루로 된 얼굴 제품"),
    (r"^face (?:cream|product)", "얼굴 제품"),
    (r"foot care", "발 제품"),
    (r"^skin products", "피부 제품"),
    (r"^propellant spray", "추진제 스프레이"),
    (r"fine fragrance", "향수"),
    (r"eau de toilette", "오드투알레트"),
    (r"fragrance cream", "향 크림"),
    (r"toothpastes? hand soap", "치약·비누·바디워시 따위"),
    (r"tooth ?paste", "치약"),
    (r"mouth\s?wash", "구강 청결제"),
    (r"tooth whitening", "치아 미백 제품"),
    (r"^oral", "구강 제품"),
    (r"deodorants?, antip", "데오도란트·땀 억제제·수렴 로션"),
    (r"deodorant", "데오도란트"),
    (r"anti-?perspirant", "땀 억제제"),
    (r"^soap", "비누"),
    (r"eye products", "눈가 제품"),
    (r"traces in", "원료 속 미량"),
    (r"denaturant", "변성제"),
    (r"rust inhib", "녹 방지제"),
    (r"powdery products", "가루 제품"),
    (r"leave[ -]on", "씻어 내지 않는 제품"),
    (r"rinse[ -]?off", "씻어 내는 제품"),
    (r"lip products", "입술 제품"),
)
_MIXES: Final = ("산화 염모제", "속눈썹 염색 제품")
_BANS: Final = (
    (r"used as a fragrance", "향료로 쓸 때 금지"),
    (r"hair\s+(?:and eyelash\s+)?dye|eyelash dye", "염모제로 쓸 때 금지"),
    (
        r"full refining history|refining history is known",
        "정제 이력이 모두 알려지고 원료가 발암성이 아님을 보인 것만 허용",
    ),
    (r"normal content", NATURAL),
    (r"releasable formaldehyde", "방출되는 폼알데하이드가 기준을 넘으면 금지"),
    (r"\bif (?:it|they) contains?\b", "정해진 불순물이 기준을 넘으면 금지"),
    (r"except|provided|exempt", "부속서가 따로 허용한 것 말고는 금지"),
    (r"\bunless\b|\bif\b|\bwhen\b|other than|not include", "조건에 따라 금지"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """An entry's fields that say how much, in what and how."""

    uses: str = ""
    most: str = ""
    other: str = ""
    wording: str = ""


def ban(name: str) -> str | None:
    """The condition under which Annex II bans what it calls so; None where it bans it always."""
    text = _plain(name)
    return next((korean for found, korean in _BANS if re.search(found, text, re.I)), None)


def is_allergen(terms: Terms) -> bool:
    """Its presence is written on the label: Article 19(1)(g)."""
    return bool(_LABELLED.search(_plain(f"{terms.other} {terms.wording}")))


def rule(terms: Terms) -> str:
    """«씻어 내는 제품 최대 2 %, 그 밖의 제품 최대 0.5 %»; an empty text where nothing is asked."""
    told = [*(_amounts(terms) or _only(terms)), *_remarks(terms)]
    asked = _plain(terms.most) or (_plain(terms.other) and not _PURITY.search(terms.other))
    if not told and (asked or _plain(terms.uses)):
        told = [CONDITIONS]
    return ", ".join(dict.fromkeys(told))


def _only(terms: Terms) -> list[str]:
    """What it is kept to, where no amount is said."""
    uses = [_use(use) for use in _parts(terms.uses).values()]
    if not uses or not all(uses) or any(use.startswith("그 밖의") for use in uses):
        return []
    if _plain(terms.most) or (_plain(terms.other) and not _PURITY.search(terms.other)):
        return [f"{'·'.join(dict.fromkeys(uses))}에만", CONDITIONS]
    return [f"{'·'.join(dict.fromkeys(uses))}에만"]


def _amounts(terms: Terms) -> list[str]:
    """What each use may hold, and how many uses are left to the annex."""
    uses, most = _parts(terms.uses), _parts(terms.most)
    if uses and list(most) == [""]:
        most = dict.fromkeys(uses, most[""])  # one limit for every use
    mixed = {mark: found for mark, text in _parts(terms.other).items() if (found := _mixed(text))}
    every = {found[1] for found in _MIXED.finditer(_plain(terms.other))}
    shared = _mixed(_plain(terms.other)) if len(every) == 1 else ""
    amounts: dict[str, list[str]] = {}
    for mark in [*uses, *(mark for mark in most if mark not in uses)]:
        limited = most.get(mark, "")
        use = uses.get(mark) or (limited if _use(limited) else uses.get("", ""))
        after = mixed.get(mark, shared) if _use(use) in _MIXES else ""
        if (amount := _amount(limited) or after) or _use(use).endswith("제외"):
            amounts.setdefault(amount, []).append(use)
    told = [_told(named, amount) for amount, named in amounts.items()]
    shown = sum(map(len, list(amounts.values())[:SHOWN]))
    rest = max(len(uses), sum(map(len, amounts.values()))) - shown
    return [*told[:SHOWN], f"그 밖의 쓰임 {rest}가지는 부속서를 볼 것"] if told and rest else told


def _told(uses: Sequence[str], amount: str) -> str:
    known = [_use(use) or "정해진 쓰임에" for use in uses if use]
    return f"{'·'.join(dict.fromkeys(known))} {amount}".strip()


def _mixed(other: str) -> str:
    """Of a hair dye, which is mixed with an oxidant before it is used."""
    match = _MIXED.search(other)
    return f"섞은 뒤 최대 {_value(match[1])} %" if match else ""


def _amount(most: str) -> str:
    """«최대 2 %», «산으로 최대 0.5 %»; the lowest and the highest where there are several."""
    found = [(_value(match[1]), match[2].lower()) for match in _PERCENT.finditer(most)]
    if not found:
        return ""
    units = {unit for _, unit in found}
    numbers = sorted(dict.fromkeys(number for number, _ in found), key=float)
    if len(units) > 1:
        return CONDITIONS
    unit, subject = units.pop(), "2차 아민 " if "secondary amine" in most else ""
    if len(numbers) > 1:
        return f"최대 {numbers[0]}–{numbers[-1]} {unit}(조건에 따라 다름)"
    return f"{subject}{_basis(most)}최대 {numbers[0]} {unit}"


def _basis(most: str) -> str:
    if _ACID.search(most):
        return "산으로 "
    match = _AS.search(most)
    if match is None:
        return ""
    word = _BASES.get(match[1].strip().casefold())
    return f"{word} 기준 " if word and word != "산" else "산으로 " if word else "환산한 값으로 "


def _remarks(terms: Terms) -> Iterator[str]:
    text = _plain(f"{terms.other} {terms.wording}")
    if _LABELLED.search(text):
        yield _LABEL if _SHARES.search(text) else "든 것을 성분표에 표시"
    if match := _PEROXIDE.search(text):
        yield f"원료 과산화물가 {match[1]} mmol/L 미만"
    if match := _ALLYL.search(text):
        yield f"유리 알릴알코올 {_value(match[1])} % 미만"
    if _UNDER.search(f"{text} {_plain(terms.uses)}"):
        yield "3세 미만 아이에 관한 기준이 있음"
    if _INHALED.search(text):
        yield "흡입될 수 있는 쓰임 제외"
    if _SPRAYED.search(text):
        yield "스프레이 제품 제외"
    if _EXPERTS.search(_plain(terms.other)):
        yield "전문가용"


def _use(use: str) -> str:
    text = use.strip(" .*")
    return next((korean for found, korean in _USES if re.search(found, text, re.I)), "")


def _parts(field: str) -> dict[str, str]:
    """«(a) … (b) …» by letter; a text without letters under an empty one."""
    text = _OF_BOTH.sub(" ", _plain(field))
    marks = list(_MARK.finditer(text))
    if not any(mark[1] == "h" for mark in marks):
        marks = [mark for mark in marks if mark[1] != "i"]  # (i), (ii) within a use
    if not marks:
        return {"": text} if text else {}
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return {mark[1]: text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}


def _plain(text: str) -> str:
    """One line, without soft hyphens and the day from which it holds."""
    normal = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    line = re.sub(r"\s+", " ", normal).strip()
    return "" if line == "-" else _FROM.sub("", line)


def _value(number: str) -> str:
    return re.sub(r"[, ]", ".", number.strip())
