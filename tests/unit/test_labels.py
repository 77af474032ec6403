"""Photos at the reader's door, and what they become before they are read."""

import asyncio
import io
import shutil
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine import labels
from engine.labels import PhotoUnfit, ReadingTooLong, TesseractReader, evened, tilt

pytestmark = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="tesseract is not installed"
)


@pytest.fixture(scope="module")
def reader() -> TesseractReader:
    return TesseractReader()


def saved(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def lines(width: int = 600, height: int = 400) -> Image.Image:
    image = Image.new("L", (width, height), 230)
    pen = ImageDraw.Draw(image)
    for top in range(40, height - 40, 30):
        for left in range(40, width - 60, 18):
            pen.rectangle((left, top, left + 11, top + 12), fill=40)
    return image


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checked

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "photo",
    [
        b"",
        b"not a photo",
        saved(lines())[:200],
        saved(lines(), "GIF"),
        saved(Image.new("L", (2_000, 40))),
        bomb(7_000, 7_000),
        bomb(60_000, 60_000),
        bytes(labels.BYTES_AT_MOST + 1),
    ],
    ids=["empty", "text", "torn", "gif", "stripe", "large", "bomb", "heavy"],
)
async def test_what_is_no_photo_of_a_fit_size_is_refused(reader: TesseractReader, photo: bytes):
    with pytest.raises(PhotoUnfit):
        await reader.read(photo)


@pytest.mark.parametrize("turn", [-7.0, -1.4, 0.0, 3.0, 9.0])
def test_the_tilt_is_found(turn: float):
    grey = np.asarray(lines().rotate(-turn, fillcolor=230), dtype=np.float32)
    assert abs(tilt(grey) - turn) < 0.5


def test_a_photo_held_sideways_is_read_upright(reader: TesseractReader):
    image = lines().rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # «turn me by 90° clockwise»
    page = reader.cleaned(saved(image, "JPEG", exif=exif))
    assert page.width > page.height


@pytest.mark.parametrize("size", [(300, 200), (1280, 900), (3_600, 900)])
def test_small_photos_are_enlarged_and_large_ones_are_not_kept_so(
    reader: TesseractReader, size: tuple[int, int]
):
    page = reader.cleaned(saved(lines(*size)))
    assert 900 <= max(page.size) <= labels.LONG_SIDE_AT_MOST * 1.1


@pytest.mark.parametrize("dress", [lambda a: a, lambda a: 255 - a], ids=["dark", "light letters"])
def test_letters_become_black_on_white_in_any_light(dress: Callable[[np.ndarray], np.ndarray]):
    pixels = dress(np.asarray(lines(), dtype=np.float32))
    shade = np.linspace(0.35, 1.0, pixels.shape[1], dtype=np.float32)
    page = evened(pixels * shade)
    letter, paper = page[45:48, 45:48], page[60:64, 45:48]
    far_letter, far_paper = page[45:48, 494:497], page[60:64, 494:497]
    assert max(letter.mean(), far_letter.mean()) < 150
    assert min(paper.mean(), far_paper.mean()) > 200


def test_what_is_see_through_lies_on_white(reader: TesseractReader):
    clear = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    ImageDraw.Draw(clear).rectangle((100, 100, 200, 120), fill=(0, 0, 0, 255))
    page = np.asarray(reader.cleaned(saved(clear)))
    assert page[0, 0] == 255


async def test_no_more_than_two_are_read_at_once_and_who_waits_too_long_is_told():
    reader = TesseractReader(wait=0.05)
    async with reader.turn(), reader.turn():
        with pytest.raises(ReadingTooLong):
            await asyncio.wait_for(reader.read(b"a third"), 5)
    with pytest.raises(PhotoUnfit):
        await reader.read(b"a third")
