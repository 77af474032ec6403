"""A canvas in pixels, in the house's colours and font: what the shop's pictures are drawn on.

Everything is told in pixels from the upper left corner. Colours are the page's (chat.css).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final
from unicodedata import normalize

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch

FONTS: Final = Path(__file__).parent / "fonts"
REGULAR: Final = FONTS / "ppoyami-sans.ttf"
BOLD: Final = FONTS / "ppoyami-sans-bold.ttf"
"""Holds the syllables of our own words only (data/fonts.py)."""
UNKNOWN: Final = "□"
"""In the place of a character that the font does not have."""

WIDTH: Final = 1080
DPI: Final = 100

GROUND: Final = "#fdf8f2"
PAPER: Final = "#ffffff"
INK: Final = "#2a2f2c"
SOFT: Final = "#665f57"
RULE: Final = "#e8ddd0"
LEAF: Final = "#26604f"
MINT: Final = "#cfe6db"
PALE: Final = "#f1f7f4"
BLUSH: Final = "#d98f72"
SAND: Final = "#b08a3e"


def drawable(text: str) -> str:
    """On one line, of characters that the font has."""
    line = " ".join(normalize("NFC", text).split())
    return "".join(each if ord(each) in _characters(REGULAR) else UNKNOWN for each in line)


@cache
def _characters(font: Path) -> frozenset[int]:
    return frozenset(get_font(str(font)).get_charmap())


class Sheet:
    """A canvas in pixels."""

    def __init__(self, height: int) -> None:
        self._figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=GROUND)
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(height, 0)
        self._axes.set_axis_off()

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 26,
        *,
        color: str = INK,
        bold: bool = False,
        align: str = "left",
        valign: str = "center_baseline",
    ) -> None:
        """`y` is the middle of the line, or as `valign` says; `size` in pixels."""
        self._axes.text(
            x,
            y,
            words,
            fontproperties=_font(size, bold),
            color=color,
            ha=align,
            va=valign,
            parse_math=False,  # a product's name may hold dollar signs
        )

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]
        return float(renderer.get_text_width_height_descent(words, _font(size, bold), False)[0])

    def widest(self, lines: Iterable[str], size: float, *, bold: bool = False) -> float:
        return max(self.width(line, size, bold=bold) for line in lines)

    def fitting(self, words: str, size: float, width: float) -> str:
        """Cut at the end, with «…», where it is wider."""
        if self.width(words, size) <= width:
            return words
        while words and self.width(f"{words}…", size) > width:
            words = words[:-1]
        return f"{words.rstrip()}…"

    def box(
        self, x: float, y: float, width: float, height: float, *, color: str, round_: float
    ) -> None:
        radius = min(round_, width / 2, height / 2)
        self._axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={radius:.2f}",
                facecolor=color,
                edgecolor="none",
                mutation_aspect=1,
            )
        )

    def line(self, points: Sequence[tuple[float, float]], color: str, width: float = 4) -> None:
        xs, ys = zip(*points, strict=True)
        thick = width * 72 / DPI
        self._axes.add_line(Line2D(xs, ys, color=color, linewidth=thick, solid_capstyle="round"))

    def png(self) -> bytes:
        content = BytesIO()
        self._figure.savefig(content, format="png", facecolor=GROUND)
        return content.getvalue()


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(fname=str(BOLD if bold else REGULAR), size=size * 72 / DPI)


def mixed(light: str, dark: str, strength: float) -> str:
    """A colour between two, `strength` in [0, 1]."""
    pairs = zip(bytes.fromhex(light[1:]), bytes.fromhex(dark[1:]), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * strength):02x}" for one, other in pairs)
