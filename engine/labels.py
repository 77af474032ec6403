"""Photographed labels → their text, by Tesseract with its Korean data (extra `ocr`).

A photo is uneven: lit from one side, tilted, small. Before it is read it is turned upright, made
large enough, and its letters are brought to the same darkness everywhere; benchmarks/labels.py
measures what that is worth. No photo is kept: Tesseract's own copy is gone when it has ended.
"""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import numpy as np
from scipy import ndimage

from engine.errors import EngineError

BYTES_AT_MOST: Final = 20 << 20
PIXELS_AT_MOST: Final = 40_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP")
LONG_SIDE: Final = 2_200
"""Pixels that a smaller photo is enlarged to, if that is no more than ENLARGED_AT_MOST times."""
LONG_SIDE_AT_MOST: Final = 3_200
ENLARGED_AT_MOST: Final = 3.0
SECONDS_AT_MOST: Final = 20
"""Of Tesseract, for one photo."""
WAIT_AT_MOST: Final = 20.0
"""Seconds until a photo's turn comes."""
AT_ONCE: Final = 2
LANGUAGE: Final = "kor"
"""Alone: with `kor+eng` Hangul is taken for Latin letters (benchmarks/labels.py)."""
LATIN: Final = "eng"
HANGUL_SHARE: Final = 0.2
"""Of the letters; with fewer the label is in Latin letters."""
ONE_BLOCK: Final = "--psm 6"
TILT_AT_MOST: Final = 12.0
"""Degrees."""
CONTRAST_SHARE: Final = 0.3
DARKEST: Final = 2.5
LIGHTEST: Final = 0.6
"""Standard deviations below the surroundings that become black, and that stay white."""

Grey = np.ndarray[tuple[int, int], np.dtype[np.float32]]
"""(row, column), dark 0 to light 255."""


class LabelsOff(EngineError):
    """This installation cannot read labels; the message says what it lacks."""


class PhotoUnfit(EngineError):
    """No photo, or larger than is read."""


class ReadingTooLong(EngineError):
    """Reading, or waiting for it, took too long."""


class LabelReader(Protocol):
    async def read(self, photo: bytes) -> str:
        """The text on it. Raises PhotoUnfit and ReadingTooLong."""
        ...


class TesseractReader:
    def __init__(self, wait: float = WAIT_AT_MOST) -> None:
        """`wait`: seconds that a photo may wait for its turn.

        Raises LabelsOff without the extra, the program or its Korean data.
        """
        try:
            import pytesseract  # noqa: PLC0415 - an extra
            from PIL import Image, ImageOps  # noqa: PLC0415
        except ImportError:
            raise LabelsOff("pip install 'ppoyami[ocr]' is missing") from None
        self._tesseract: Any = pytesseract
        self._image, self._ops = Image, ImageOps
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._wait = wait
        self._languages = self._installed()

    def _installed(self) -> frozenset[str]:
        try:
            languages = frozenset(self._tesseract.get_languages())
        except (OSError, RuntimeError):
            raise LabelsOff("the program tesseract is missing (Debian: tesseract-ocr)") from None
        if LANGUAGE not in languages:
            raise LabelsOff("Korean data is missing (Debian: tesseract-ocr-kor)")
        return languages

    async def read(self, photo: bytes) -> str:
        """At most two at once, each in a thread; Tesseract is ended after its time."""
        async with self.turn():
            return await asyncio.to_thread(self.read_now, photo)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of the two places. Raises ReadingTooLong where none becomes free in time."""
        try:
            async with asyncio.timeout(self._wait):
                await self._turns.acquire()
        except TimeoutError:
            raise ReadingTooLong("too many photos at once") from None
        try:
            yield
        finally:
            self._turns.release()

    def read_now(self, photo: bytes) -> str:
        page = self.cleaned(photo)
        text = self._text(page, LANGUAGE)
        if LATIN in self._languages and _is_latin(text):
            return self._text(page, LATIN)
        return text

    def _text(self, page: Any, language: str) -> str:
        try:
            read = self._tesseract.image_to_string(
                page, lang=language, config=ONE_BLOCK, timeout=SECONDS_AT_MOST
            )
        except self._tesseract.TesseractError as error:
            raise PhotoUnfit(f"Tesseract cannot read it ({error.status})") from None
        except RuntimeError:  # the binding's word for a time-out
            raise ReadingTooLong(f"longer than {SECONDS_AT_MOST} s") from None
        return str(read)

    def cleaned(self, photo: bytes) -> Any:
        """The photo as Tesseract gets it: large enough and level, its letters dark on light."""
        image = self._opened(photo)
        longest = max(image.size)
        wanted = min(max(longest, LONG_SIDE), LONG_SIDE_AT_MOST)
        factor = min(wanted / longest, ENLARGED_AT_MOST)
        width, height = (max(2, round(side * factor)) for side in image.size)
        image = image.resize((width, height), self._image.Resampling.LANCZOS)
        grey = np.asarray(image, dtype=np.float32)
        if abs(angle := tilt(grey)) > 0.15:
            table = int(np.median(grey))
            turned = image.rotate(
                angle, self._image.Resampling.BICUBIC, expand=True, fillcolor=table
            )
            grey = np.asarray(turned, dtype=np.float32)
        return self._image.fromarray(evened(grey).astype(np.uint8))

    def _opened(self, photo: bytes) -> Any:
        """Upright as its camera held it, grey. The size is looked at before a pixel is unpacked."""
        if len(photo) > BYTES_AT_MOST:
            raise PhotoUnfit(f"larger than {BYTES_AT_MOST} bytes")
        bombs = (self._image.DecompressionBombError, self._image.DecompressionBombWarning)
        try:
            with self._image.open(io.BytesIO(photo), formats=FORMATS) as image:
                if image.width * image.height > PIXELS_AT_MOST:
                    raise PhotoUnfit(f"more than {PIXELS_AT_MOST} pixels")
                if max(image.size) > 20 * min(image.size):
                    raise PhotoUnfit("no more than a stripe")
                image.draft("L", (LONG_SIDE_AT_MOST, LONG_SIDE_AT_MOST))
                return _unveiled(self._ops.exif_transpose(image)).convert("L")
        except (OSError, ValueError, SyntaxError, EOFError, *bombs) as error:
            raise PhotoUnfit(f"not a photo ({type(error).__name__})") from None


def _unveiled(image: Any) -> Any:
    """What is see-through lies on white."""
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return image
    seen = image.convert("RGBA")
    white = seen.copy()
    white.paste((255, 255, 255, 255), (0, 0, *seen.size))
    white.alpha_composite(seen)
    return white


def tilt(grey: Grey) -> float:
    """Degrees, counter-clockwise, that make the lines level: the turn at which rows differ most
    from the row beneath."""
    step = max(1, max(grey.shape) // 600)
    small = ndimage.uniform_filter(grey, step)[::step, ::step]
    ink = (np.abs(small - ndimage.uniform_filter(small, 31)) > 18).astype(np.float32)
    coarse = max(np.arange(-TILT_AT_MOST, TILT_AT_MOST + 1), key=lambda turn: _striped(ink, turn))
    fine = np.arange(coarse - 0.8, coarse + 0.81, 0.2)
    return float(max(fine, key=lambda turn: _striped(ink, turn)))


def _striped(ink: Grey, turn: float) -> float:
    rows = ndimage.rotate(ink, turn, order=0, reshape=False).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


def evened(grey: Grey) -> Grey:
    """Each letter as dark as any other whatever light falls on it, and white where none is.

    Where nothing is written (little contrast) only noise would grow, so contrast is taken for
    no less than a share of what it is where the letters stand, and what is not clearly darker
    than its surroundings becomes white.
    """
    smooth = ndimage.gaussian_filter(grey, 0.7)
    mean, contrast = _surroundings(smooth, 30 * max(grey.shape) / LONG_SIDE)
    floor = max(6.0, CONTRAST_SHARE * float(np.percentile(contrast, 90)))
    score = (smooth - mean) / np.maximum(contrast, floor)
    if float(np.mean(score**3)) > 0:  # light letters on dark
        score = -score
    return np.clip((score + DARKEST) / (DARKEST - LIGHTEST) * 255, 0, 255).astype(np.float32)


def _surroundings(grey: Grey, spread: float) -> tuple[Grey, Grey]:
    """Mean and standard deviation of what lies around each pixel, worked out on every eighth."""
    coarse = ndimage.uniform_filter(grey, 8)[::8, ::8]
    squares = ndimage.uniform_filter(np.square(grey), 8)[::8, ::8]
    mean = ndimage.gaussian_filter(coarse, spread / 8)
    variance = ndimage.gaussian_filter(squares, spread / 8) - np.square(mean)
    contrast = np.sqrt(np.maximum(variance, 1.0))
    return _enlarged(mean, grey.shape), _enlarged(contrast, grey.shape)


def _enlarged(coarse: Grey, shape: tuple[int, ...]) -> Grey:
    large = ndimage.zoom(coarse, 8, order=1)[: shape[0], : shape[1]]
    return np.asarray(large, dtype=np.float32)


def _is_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(re.findall("[가-힣]", text)) < HANGUL_SHARE * len(letters)
