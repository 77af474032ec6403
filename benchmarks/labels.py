"""Twenty drawn label pictures, read: the share of names found, beside plain Tesseract.

OMP_THREAD_LIMIT=1 python -m benchmarks.labels [--fonts FOLDER] [--keep FOLDER] [--from 0]

Tesseract's threads get in each other's way: with OMP_THREAD_LIMIT=1 it takes a third of the work.

The pictures are drawn, not photographed: names of the seed's products in Debian's fonts-nanum,
broken at the edge inside of names as labels do, then tilted, unevenly lit, with a glare, blurred,
with noise, and squeezed into a JPEG of a messenger's size.
"""

import argparse
import csv
import io
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytesseract
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from engine.labels import TesseractReader
from engine.parsing.ingredients import ingredient_names
from engine.parsing.labels import label_names, listed_part
from engine.store.lexicon import Entry, Lexicon

SEED = Path(__file__).parents[1] / "data" / "seed"
FONTS = Path("/usr/share/fonts/truetype/nanum")
FACES = (
    "NanumGothic.ttf", "NanumBarunGothic.ttf", "NanumSquareR.ttf", "NanumGothicBold.ttf",
    "NanumMyeongjo.ttf", "NanumSquareRoundR.ttf",
)  # fmt: skip
PICTURES = 20
TABLE = (120, 112, 104)
"""The colour of what the label lies on."""
ABOVE = "[{name}]  내용량 {volume}\n사용법: 적당량을 덜어 피부 결을 따라 펴 바르세요."
BELOW = (
    "사용할 때의 주의사항: 1) 직사광선에 의하여 붉은 반점, 부어오름 등의 이상 증상이 있는 경우 "
    "전문의 등과 상담할 것 2) 상처가 있는 부위 등에는 사용을 자제할 것\n"
    "화장품책임판매업자: 초록서랍(주) 서울특별시 / 제조번호 및 사용기한: 별도 표기"
)
INKS = ((30, 30, 35, 245, 243, 238), (250, 250, 250, 40, 62, 52), (70, 50, 40, 233, 222, 205))
"""Red, green, blue of the letters, then of the label."""


@dataclass(frozen=True)
class Label:
    picture: bytes
    """JPEG."""
    names: tuple[str, ...]
    worn: str
    """What was done to it, in words."""


def drawn(number: int, fonts: Path = FONTS) -> Label:
    """Picture `number`, the same every time."""
    chance = random.Random(f"label {number}")
    products = _products()
    product = products[(number * 37 + 5) % len(products)]
    size = chance.choice((15, 17, 19, 22))
    face = ImageFont.truetype(str(fonts / FACES[number % len(FACES)]), size)
    image = _printed(product, face, INKS[0 if chance.random() < 0.6 else chance.randrange(3)])
    tilt = chance.uniform(-6, 6)
    blur = chance.uniform(0.3, 0.9)
    noise = chance.uniform(3, 12)
    glare = chance.uniform(0, 0.85)
    lean = chance.uniform(-0.05, 0.05)
    image = _leant(image, lean)
    image = image.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)
    pixels = _lit(np.asarray(image, dtype=np.float64), chance, glare)
    image = Image.fromarray(pixels.astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    grain = np.random.default_rng(number).normal(0, noise, (*image.size[::-1], 3))
    image = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
    image.thumbnail((1280, 1280))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=chance.randrange(60, 88))
    worn = f"{size} px, tilt {tilt:+.1f}°, lean {lean:+.1%}, blur {blur:.1f}"
    worn += f", noise {noise:.0f}, glare {glare:.2f}"
    return Label(file.getvalue(), tuple(product["ingredients"].split(", ")), worn)


def _products() -> list[dict[str, str]]:
    with (SEED / "products.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["ingredients"].count(",") > 9]


def _printed(
    product: dict[str, str], face: ImageFont.FreeTypeFont, ink: tuple[int, ...]
) -> Image.Image:
    above = ABOVE.format(name=product["name"], volume=product["volume"])
    text = f"{above}\n전성분: {product['ingredients']}\n{BELOW}"
    width = 1000
    lines = [line for part in text.split("\n") for line in _wrapped(part, face, width - 80)]
    height = int(face.size * 1.5)
    image = Image.new("RGB", (width, 80 + height * len(lines)), ink[3:])
    pen = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        pen.text((40, 40 + place * height), line, font=face, fill=ink[:3])
    return image


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> Iterable[str]:
    """Lines that end where the room does, inside of names too."""
    line = ""
    for letter in text:
        if face.getlength(line + letter) > width:
            yield line
            line = letter.lstrip()
        else:
            line += letter
    yield line


def _leant(image: Image.Image, lean: float) -> Image.Image:
    """As seen from aside: one end of the label is smaller by twice `lean`."""
    wide, high = image.size
    near, far = (max(0.0, lean) * high, max(0.0, -lean) * high)
    corners = (0, -near, 0, high + near, wide, high + far, wide, -far)
    return image.transform(
        image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=TABLE
    )


def _lit(pixels: np.ndarray, chance: random.Random, glare: float) -> np.ndarray:
    """Darker towards one side, and a round glare somewhere."""
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    slope = chance.uniform(0.1, 0.4)
    shade = 1 - slope * (columns if chance.random() < 0.5 else rows) / max(pixels.shape[:2])
    x, y = chance.random() * pixels.shape[1], chance.random() * pixels.shape[0]
    spread = chance.uniform(120, 260)
    spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * spread**2))[..., None]
    lit = pixels * shade[..., None]
    shone: np.ndarray = np.clip(lit + (255 - lit) * glare * spot, 0, 255)
    return shone


Way = Callable[[bytes], set[int | None]]
"""A picture → the ids of the ingredients read off it."""


@dataclass
class Score:
    found: int = 0
    there: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def counts(self, label: Label, ids: set[int | None], way: Way) -> str:
        began = time.perf_counter()
        read = way(label.picture)
        self.seconds += time.perf_counter() - began
        self.found += len(read & ids)
        self.there += len(ids)
        self.wrong += len(read - ids)
        return f"{len(read & ids)}/{len(ids)}"


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--fonts", type=Path, default=FONTS)
    wanted.add_argument("--keep", type=Path, help="where to leave the pictures")
    wanted.add_argument("--from", type=int, default=0, dest="first")
    given = wanted.parse_args()
    labels = [drawn(number, given.fonts) for number in range(given.first, given.first + PICTURES)]
    if given.keep:
        _leave(labels, given.keep)
    lexicon = _lexicon()
    reader = TesseractReader()
    ways: dict[str, Way] = {
        "Tesseract as it is (kor+eng), names split at commas": partial(_plain, lexicon),
        "Tesseract as it is (kor), names mended": partial(_mended, lexicon, _straight),
        "the bot's way": partial(_mended, lexicon, reader.read_now),
    }
    scores = {name: Score() for name in ways}
    for number, label in enumerate(labels, start=given.first):
        ids = {lexicon.exact(name) for name in label.names}
        each = [scores[name].counts(label, ids, way) for name, way in ways.items()]
        print(f"{number:3}  {label.worn}: {', '.join(each)}", flush=True)
    print("\n| | names found | wrong names | seconds a picture |\n|---|---|---|---|")
    for name, score in scores.items():
        share, pace = score.found / score.there, score.seconds / len(labels)
        print(f"| {name} | {share:.1%} of {score.there} | {score.wrong} | {pace:.1f} |")


def _leave(labels: Sequence[Label], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, label in enumerate(labels):
        (folder / f"label{number:02}.jpg").write_bytes(label.picture)


def _lexicon() -> Lexicon:
    with (SEED / "ingredients.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Lexicon(
        [
            Entry(
                id, row["name"], row["inci"] or None, tuple(filter(None, row["aliases"].split("|")))
            )
            for id, row in enumerate(rows, start=1)
        ]
    )


def _plain(lexicon: Lexicon, picture: bytes) -> set[int | None]:
    """What one would write first."""
    text = pytesseract.image_to_string(Image.open(io.BytesIO(picture)), lang="kor+eng")
    names = ingredient_names(listed_part(text) or text)
    return {lexicon.exact(name) for name in names} - {None}


def _mended(lexicon: Lexicon, read: Callable[[bytes], str], picture: bytes) -> set[int | None]:
    return {*label_names(read(picture), lexicon.misread).known}


def _straight(picture: bytes) -> str:
    image = Image.open(io.BytesIO(picture))
    return str(pytesseract.image_to_string(image, lang="kor", config="--psm 6"))


if __name__ == "__main__":
    main()
