"""Makes `reviews.csv` and `pictures/*.png` again, bit for bit, from `products.csv`.

    python data/seed/make.py [reviews|pictures]

The reviews are SYNTHETIC. No person wrote them and no real product is meant. They are made so:

1. 800 invented people get a skin type, one or two tastes drawn by that skin type (PERSONAS), and
   likings of their own. A taste is a weight for each group of ingredients (GROUPS), for a rich or
   a light texture, and for the price.
2. What a person buys is drawn by utility: liking of the product's groups, love of a brand, the
   product's fame, and Gumbel noise, so that the choice is a softmax without replacement
   (Gumbel-top-k: Kool and others 2019, https://arxiv.org/abs/1903.06059). Part of every
   basket is bought by fame alone.
3. The rating follows the same liking, the product's quality, the person's mildness, noise, and
   whether the skin was irritated: skin type x irritants (alcohol, acids, retinoids, scent).
4. The text is composed from phrases that are true of the row: rating, effect, irritation, skin
   type, texture, scent, price, and ingredients that stand in the product's list. No two texts
   have the same letters.

All chance comes from one `random.Random(SEED)` used in a fixed order. The pictures need Pillow.
The steps live beside this script: label.py, shoppers.py, phrases.py and wording.py, drawing.py.
"""

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from label import read_items
from shoppers import rows
from wording import fresh_text

HERE = Path(__file__).resolve().parent
SEED = 20240611
COLUMNS = ("product_id", "reviewer", "rating", "skin_type", "effect", "irritation", "text")


def make_reviews(products: str) -> str:
    """The text of `reviews.csv` from the text of `products.csv`; pure."""
    rng = Random(SEED)
    seen: set[str] = set()
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in list(rows(rng, read_items(products))):
        table.writerow(
            (
                row.item.id, row.person.name, row.rating, row.person.skin, row.effect,
                row.irritation, fresh_text(rng, row, seen),
            )
        )  # fmt: skip
    return out.getvalue()


def main(wanted: Sequence[str]) -> None:
    products = (HERE / "products.csv").read_text(encoding="utf-8")
    if "pictures" in wanted or not wanted:
        from drawing import make_picture  # noqa: PLC0415 - the reviews need no Pillow

        (HERE / "pictures").mkdir(exist_ok=True)
        for item in read_items(products):
            (HERE / "pictures" / f"{item.id}.png").write_bytes(make_picture(item))
    if "reviews" in wanted or not wanted:
        text = make_reviews(products)
        (HERE / "reviews.csv").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main(sys.argv[1:])
