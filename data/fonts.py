"""Make the two fonts that the pictures of the statistics and of a load are written in.

python data/fonts.py    # needs Debian's fonts-nanum; fontTools comes with matplotlib

NanumGothic without what a picture needs not: hinting, Hanja, kerning. The regular one keeps every
Hangul syllable, since it writes the shop's product names; the bold one keeps those of our own
words. The licence (SIL OFL 1.1) keeps the name «Nanum» for the fonts as NAVER made them, so
these bear another.
"""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
NANUM = Path("/usr/share/fonts/truetype/nanum")
FAMILY = "Ppoyami Sans"
OWN_WORDS = (
    "bot/charts.py",
    "engine/domain.py",
    "engine/figures.py",
    "ingest/clouds.py",
    "ingest/columns.py",
    "ingest/figures.py",
)
SYLLABLES = range(0xAC00, 0xD7A4)
SIGNS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2028),
    *range(0x2160, 0x216A),
    *range(0x2460, 0x246F),
    *range(0x3000, 0x3012),
    *range(0x3130, 0x318F),
    *map(ord, "‰′″※₩€℃™←↑→↓−≠≤≥■□▲▼△▽●○★☆♥♡"),
)
UNWANTED = ("GSUB", "GPOS", "GDEF", "kern", "gasp", "vhea", "vmtx", "DSIG", "TSI0", "TSI1", "TSI2",
            "TSI3", "TSI5")  # fmt: skip
NAMED = {1: FAMILY, 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", ""), 16: FAMILY}


def make(source: str, target: str, syllables: set[int]) -> None:
    font = TTFont(NANUM / source)
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += UNWANTED
    options.name_IDs = [0, 2, 5, 13, 14, *NAMED]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*SIGNS, *syllables})
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in NAMED:
            record.string = NAMED[record.nameID]
    path = ROOT / "engine" / "fonts" / target
    font.save(path)
    print(path.name, path.stat().st_size)


def own_words() -> set[int]:
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in OWN_WORDS)
    return {ord(each) for each in text} & set(SYLLABLES)


if __name__ == "__main__":
    make("NanumGothic.ttf", "ppoyami-sans.ttf", set(SYLLABLES))
    make("NanumGothicBold.ttf", "ppoyami-sans-bold.ttf", own_words())
