"""A product's picture: a pack by category, coloured by brand, its sign by ingredients."""

import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from label import Item, form
from PIL import Image, ImageDraw

SIDE = 400
FINE = 3
"""Drawn this much larger, then made smaller: that smooths the edges."""

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
WHITE: Colour = (255, 255, 255)

BRANDS: Mapping[str, tuple[str, str, str]] = {
    # brand: (background, body, ink)
    "초록서랍": ("e6f0e4", "a9c9a4", "3f6b4a"),
    "더마노크": ("e4ecf3", "f7fafc", "3b5f86"),
    "온새결": ("f0ece4", "fbf8f2", "8a7355"),
    "물비늘연구소": ("dff0f4", "b4dde8", "2a7391"),
    "하늬담": ("f3e6dd", "8c3f3a", "e7c58f"),
    "벨루나레": ("ece4ee", "4d3a5e", "d9b98a"),
    "세라누보": ("ebe9f4", "c9c4e4", "5a5193"),
    "오르벨린": ("fbf1dc", "f6cf7d", "b86a1c"),
    "이슬다락": ("fbe7ea", "f5bcc5", "b9506a"),
    "피토라움": ("ebe7f3", "b7a6d3", "5c4486"),
    "미르노아": ("e7ebeb", "3d4a50", "9fd3c7"),
    "달여울": ("e8e6df", "6b5b4b", "ecdcb8"),
    "쌀뜨락": ("f6f1e3", "fffdf6", "a3884d"),
    "살결서재": ("efefed", "ffffff", "6f7472"),
}


def colour(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` in [0, 1] of `other` in `one`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Pen:
    """Draws flat shapes in a square of 400 units."""

    def __init__(self, background: Colour) -> None:
        self._image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), background)
        self._draw: Any = ImageDraw.Draw(self._image)

    def disc(self, x: float, y: float, r: float, fill: Colour, flat: float = 1.0) -> None:
        """A circle, or an ellipse `flat` times as high as wide."""
        box = [(x - r) * FINE, (y - r * flat) * FINE, (x + r) * FINE, (y + r * flat) * FINE]
        self._draw.ellipse(box, fill=fill)

    def ring(self, x: float, y: float, r: float, ink: Colour, width: float) -> None:
        box = [(x - r) * FINE, (y - r) * FINE, (x + r) * FINE, (y + r) * FINE]
        self._draw.ellipse(box, outline=ink, width=round(width * FINE))

    def block(self, box: Box, fill: Colour, r: float = 0) -> None:
        """A rectangle with corners of radius `r`."""
        scaled = [side * FINE for side in box]
        self._draw.rounded_rectangle(scaled, radius=r * FINE, fill=fill)

    def shape(self, points: Iterable[Point], fill: Colour) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def line(self, points: Iterable[Point], ink: Colour, width: float) -> None:
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=ink, width=round(width * FINE), joint="curve")

    def png(self) -> bytes:
        small = self._image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        few = small.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        return out.getvalue()


def drop(x: float, y: float, r: float) -> list[Point]:
    """A drop of water around (x, y), its tip up."""
    turn = [math.pi * step / 30 for step in range(61)]
    return [
        (x + r * math.sin(a) * math.sin(a / 2) ** 1.3, y - r * 1.25 * math.cos(a)) for a in turn
    ]


def leaf(x: float, y: float, r: float, angle: float, wide: float = 0.42) -> list[Point]:
    """A pointed leaf that starts at (x, y) and is `r` long; angle in radians from upright."""
    out: list[Point] = []
    for step in range(41):
        a = math.pi * 2 * step / 40
        along, across = r * (1 - math.cos(a)) / 2, wide * r * math.sin(a) * math.sin(a / 2) ** 0.6
        out.append(
            (
                x + along * math.sin(angle) + across * math.cos(angle),
                y - along * math.cos(angle) + across * math.sin(angle),
            )
        )
    return out


def polygon(x: float, y: float, r: float, corners: int, angle: float = 0.0) -> list[Point]:
    turns = [angle + 2 * math.pi * corner / corners for corner in range(corners)]
    return [(x + r * math.sin(turn), y - r * math.cos(turn)) for turn in turns]


@dataclass(frozen=True, slots=True)
class Sign:
    """Where an emblem stands, a circle, and its colours."""

    x: float
    y: float
    r: float
    ink: Colour
    paper: Colour

    @property
    def soft(self) -> Colour:
        return mixed(self.paper, self.ink, 0.45)


def clover(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    for turn in (-1.15, 0.0, 1.15):
        dx, dy = 0.5 * r * math.sin(turn), 0.5 * r * math.cos(turn)
        pen.disc(x + dx, y - 0.1 * r - dy, 0.48 * r, sign.ink)
    pen.line([(x, y), (x, y + r)], sign.ink, r * 0.14)


def leaves(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    for turn in (-0.75, 0.75):
        pen.shape(leaf(x, y + 0.7 * r, 1.35 * r, turn), sign.soft)
    pen.shape(leaf(x, y + 0.8 * r, 1.8 * r, 0.0, 0.3), sign.ink)


def water(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.shape(drop(x, y, 0.9 * r), sign.ink)
    pen.disc(x - 0.25 * r, y + 0.5 * r, 0.16 * r, sign.paper)


def honeycomb(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    for dx, dy, tint in ((-0.46, -0.4, sign.ink), (0.46, -0.4, sign.soft), (0.0, 0.4, sign.ink)):
        pen.shape(polygon(x + dx * r, y + dy * r, 0.48 * r, 6), tint)


def moon(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.disc(x, y, 0.9 * r, sign.ink)
    pen.disc(x + 0.42 * r, y - 0.22 * r, 0.75 * r, sign.paper)


def chain(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    spots = [(x + dx * r, y + dy * r) for dx, dy in ZIGZAG]
    pen.line(spots, sign.soft, r * 0.14)
    for at, (dx, dy) in enumerate(spots):
        pen.disc(dx, dy, (0.27 if at % 2 else 0.2) * r, sign.ink)


def citrus(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.disc(x, y, 0.95 * r, sign.ink)
    pen.disc(x, y, 0.78 * r, sign.paper)
    for turn in range(8):
        angle = math.pi * turn / 4 + 0.39
        tip = (x + 0.1 * r * math.sin(angle), y - 0.1 * r * math.cos(angle))
        side = [polygon(x, y, 0.68 * r, 1, angle + d)[0] for d in (-0.3, -0.1, 0.1, 0.3)]
        pen.shape([tip, *side], sign.ink)


def sparkle(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.shape(star(x, y, r), sign.ink)
    pen.shape(star(x + 0.75 * r, y - 0.65 * r, 0.35 * r), sign.soft)


def bubbles(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    for dx, dy, size in ((-0.25, 0.3, 0.55), (0.5, -0.1, 0.34), (-0.1, -0.65, 0.24)):
        pen.disc(x + dx * r, y + dy * r, size * r, sign.ink)
    pen.disc(x - 0.42 * r, y + 0.12 * r, 0.13 * r, sign.paper)


def seal(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.shape(polygon(x, y, r, 4), sign.ink)
    pen.shape(polygon(x, y, 0.74 * r, 4), sign.paper)
    pen.shape(polygon(x, y, 0.5 * r, 4), sign.ink)


def ear(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.line([(x, y + r), (x, y - 0.3 * r)], sign.ink, r * 0.1)
    for row in (0.75, 0.3, -0.15):
        for turn in (-0.7, 0.7):
            pen.shape(leaf(x, y + row * r, 0.68 * r, turn), sign.ink)
    pen.shape(leaf(x, y - 0.2 * r, 0.8 * r, 0.0), sign.ink)


def flower(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    for dx, dy in polygon(x, y, 0.55 * r, 5):
        pen.disc(dx, dy, 0.42 * r, sign.ink)
    pen.disc(x, y, 0.28 * r, sign.paper)


def cross(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.block((x - 0.25 * r, y - 0.85 * r, x + 0.25 * r, y + 0.85 * r), sign.ink, 0.12 * r)
    pen.block((x - 0.85 * r, y - 0.25 * r, x + 0.85 * r, y + 0.25 * r), sign.ink, 0.12 * r)


def drops(pen: Pen, sign: Sign) -> None:
    x, y, r = sign.x, sign.y, sign.r
    pen.shape(drop(x - 0.3 * r, y + 0.1 * r, 0.62 * r), sign.ink)
    pen.shape(drop(x + 0.55 * r, y - 0.25 * r, 0.36 * r), sign.soft)


ZIGZAG = ((-0.85, 0.3), (-0.3, -0.35), (0.3, 0.35), (0.85, -0.3))


def star(x: float, y: float, r: float) -> list[Point]:
    """Four points, drawn in."""
    outer, inner = polygon(x, y, r, 4), polygon(x, y, 0.32 * r, 4, math.pi / 4)
    return [point for pair in zip(outer, inner, strict=True) for point in pair]


EMBLEMS: Mapping[str, Callable[[Pen, Sign], None]] = {
    # where two groups are as strong, the first gives the sign
    "레티놀": moon,
    "산": sparkle,
    "한방": seal,
    "발효": bubbles,
    "비타민": citrus,
    "펩타이드": chain,
    "곡물": ear,
    "꽃": flower,
    "허브": leaves,
    "시카": clover,
    "세라마이드": honeycomb,
    "히알루론산": water,
    "판테놀": cross,
    "오일": drops,
}


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of one pack."""

    body: Colour
    shade: Colour
    shine: Colour
    cap: Colour
    label: Colour
    ink: Colour


def tints(item: Item) -> tuple[Colour, Tint]:
    """The background and the pack's colours."""
    background, body, ink = map(colour, BRANDS[item.brand])
    lightness = sum(body) / 3
    dark = lightness < 140
    pack = Tint(
        body=body,
        shade=mixed(body, (30, 30, 40), 0.12),
        shine=mixed(body, WHITE, 0.25 if dark else 0.55),
        cap=mixed(ink, body, 0.15) if dark else mixed(ink, WHITE, 0.25),
        label=mixed(body, (0, 0, 0), 0.12) if dark else mixed(body, WHITE, 0.75),
        ink=ink,
    )
    return background, pack


def shell(pen: Pen, tint: Tint, top: float, half: float, r: float) -> None:
    """A standing body with its shaded right and a streak of light; its foot at 330."""
    left, right = 200 - half, 200 + half
    pen.block((left, top, right, 330), tint.shade, r)
    pen.block((left, top, right - 0.09 * (right - left), 330), tint.body, r)
    streak = left + 0.09 * (right - left)
    pen.block((streak, top + 22, streak + 7, 300), tint.shine, 3.5)


def bottle(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Toner: tall, a wide cap. Returns the label's middle and half width, as every pack does."""
    pen.block((172, 62, 228, 120), tint.cap, 8)
    shell(pen, tint, 112, 57, 24)
    return 200, 226, 42


def dropper(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Essence: short, with a rubber bulb."""
    pen.block((184, 66, 216, 122), mixed(tint.cap, WHITE, 0.2), 15)
    pen.block((170, 112, 230, 150), tint.cap, 6)
    shell(pen, tint, 146, 62, 30)
    return 200, 244, 44


def pump(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Lotion."""
    pen.block((194, 72, 206, 112), mixed(tint.cap, WHITE, 0.3))
    pen.block((150, 62, 222, 80), tint.cap, 8)
    pen.block((174, 102, 226, 130), tint.cap, 6)
    shell(pen, tint, 126, 64, 20)
    return 200, 232, 46


def jar(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Cream: low and wide."""
    shell(pen, tint, 190, 98, 30)
    pen.block((96, 150, 304, 204), tint.cap, 12)
    pen.block((96, 190, 304, 204), mixed(tint.cap, (30, 30, 40), 0.15), 6)
    return 200, 266, 56


def spray(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Mist: slim, with a nozzle and a puff."""
    for dx, dy, r in ((-62, -8, 5), (-78, 4, 7), (-82, -16, 6), (-98, -4, 8), (-100, 16, 6)):
        pen.disc(200 + dx, 84 + dy, r, mixed(tint.cap, WHITE, 0.55))
    pen.block((180, 66, 220, 96), tint.cap, 8)
    pen.block((164, 76, 190, 90), tint.cap, 4)
    pen.block((176, 94, 224, 122), mixed(tint.cap, WHITE, 0.25), 5)
    shell(pen, tint, 118, 48, 26)
    return 200, 230, 37


def vial(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Oil: round shoulders and clear glass with the oil's level in it."""
    pen.block((186, 70, 214, 120), mixed(tint.cap, WHITE, 0.2), 13)
    pen.block((172, 112, 228, 146), tint.cap, 6)
    glass, oil = mixed(tint.body, WHITE, 0.55), mixed(tint.body, (232, 190, 90), 0.5)
    pen.block((128, 142, 272, 330), glass, 56)
    pen.block((138, 152, 262, 322), oil, 48)
    pen.block((138, 152, 262, 196), glass, 30)
    pen.block((150, 200, 157, 288), mixed(oil, WHITE, 0.45), 3.5)
    return 200, 256, 40


PACKS: Mapping[str, Callable[[Pen, Tint], tuple[float, float, float]]] = {
    "스킨/토너": bottle,
    "에센스": dropper,
    "로션": pump,
    "크림": jar,
    "미스트": spray,
    "오일": vial,
}


def make_picture(item: Item) -> bytes:
    """A 400 x 400 PNG: a pack by category, coloured by brand, its sign by ingredients."""
    background, tint = tints(item)
    pen = Pen(background)
    pen.disc(200, 205, 158, mixed(background, WHITE, 0.5))
    pen.disc(200, 332, 104, mixed(background, (60, 60, 70), 0.14), 0.11)
    x, y, half = PACKS[form(item)](pen, tint)
    high = min(58.0, 1.35 * half) if item.category != "크림" else 42.0
    pen.block((x - half, y - high, x + half, y + high), tint.label, 10)
    lead = max(EMBLEMS, key=lambda group: item.groups[group])
    EMBLEMS[lead](pen, Sign(x, y - 0.28 * high, 0.42 * high, tint.ink, tint.label))
    for at, length in ((0.42, 0.55), (0.62, 0.36)):
        pen.block(
            (x - length * half, y + at * high, x + length * half, y + at * high + 5),
            mixed(tint.label, tint.ink, 0.55),
            2.5,
        )
    return pen.png()
