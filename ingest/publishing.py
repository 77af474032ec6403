"""The report of a load, written: a page, and its charts as pictures in a folder beside it."""

import re
from pathlib import Path
from typing import Final

from tqdm import tqdm

from ingest import clouds, page, prints
from ingest.artifacts import Artifacts, Manifest
from ingest.figures import Figures, Material, figures
from ingest.index import tables_of
from ingest.parts import Cloud
from ingest.tables import Tables
from ingest.tallies import categories, ingredients

FOLDER: Final = "report"
PAGE: Final = "report.html"
_PICTURE: Final = re.compile(r"[a-z]+(?:-[a-z0-9]+)*\.png")
"""Only these are removed from an earlier report's folder."""


def place(artifacts: Artifacts, load: str, html: Path | None, out: Path | None) -> Path:
    """Where the page is to be: as the operator says, or in the load's own folder."""
    return html or (out or artifacts.folder(load) / FOLDER) / PAGE


def publish(manifest: Manifest, artifacts: Artifacts, target: Path) -> str:
    """Writes both and says where. Raises OSError, or IndexUnavailable where the load is torn."""
    told = gathered(manifest, artifacts)
    pictures = dict(tqdm(prints.pictures(told), desc="그림", unit="장", leave=False))
    beside = target.parent / f"{target.stem}-pictures"
    beside.mkdir(parents=True, exist_ok=True)
    for old in beside.iterdir():
        if _PICTURE.fullmatch(old.name) and old.name not in pictures:
            old.unlink()
    for name, content in pictures.items():
        (beside / name).write_bytes(content)
    _write(target, page.page(told))
    return f"보고서: {target} (그림 {len(pictures)}장은 {beside})"


def gathered(manifest: Manifest, artifacts: Artifacts) -> Figures:
    tables = tables_of(artifacts, manifest.id)
    found = None if clouds.missing() else _clouds(tables)
    return figures(Material(manifest, tables, artifacts.folder(manifest.id), found))


def _clouds(tables: Tables) -> tuple[Cloud, ...]:
    """Of the categories with the most reviews; Kiwi is opened only where there is one to draw."""
    texts = _texts(tables)
    if not texts:
        return ()
    kiwi = clouds.reader(name for name, _ in ingredients(tables.products))
    made = (
        clouds.cloud(f"cloud-{number:02}", name, clouds.nouns(told, kiwi), len(told))
        for number, (name, told) in enumerate(texts.items(), 1)
    )
    shown = tqdm(made, total=len(texts), desc="말 구름", unit="개", leave=False)
    return tuple(cloud for cloud in shown if cloud is not None)


def _texts(tables: Tables) -> dict[str, list[str]]:
    """Category → the reviews that its cloud is made of."""
    products, reviews = tables.products, tables.reviews
    shelf = reviews["product_id"].map(
        dict(zip(products["product_id"], products["category"], strict=True))
    )
    told = {
        one.name: clouds.sample(reviews.loc[shelf == one.name, "text"].tolist())
        for one in categories(products, reviews)[: clouds.CATEGORIES_AT_MOST]
    }
    return {name: texts for name, texts in told.items() if len(texts) >= clouds.REVIEWS_AT_LEAST}


def _write(target: Path, text: str) -> None:
    """Whole or not at all: somebody may be reading the page."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_text(text, encoding="utf-8", newline="\n")  # the style's sum stands in the page
    fresh.replace(target)
