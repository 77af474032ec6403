"""Where a product's picture is shown from: this server, at a signed address, or the shop's own.

The signature keeps strangers from walking through the catalogue's pictures by their numbers, and
changes with the picture's name, so that what stands at an address may be kept for ever.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from engine.domain import Product

BYTES = 12
"""Of the signature; 16 letters in an address."""


@dataclass(frozen=True, slots=True)
class Pictures:
    secret: bytes
    public_url: str | None = None
    """Where this server is reached from outside, without a slash at its end."""

    def path(self, product: Product) -> str | None:
        """`/image/<id>?s=<signature>`, for this server's own page, which loads nothing from
        outside: None for a picture that stands at the shop's address, too."""
        if not product.picture or _scheme(product.picture):
            return None
        return f"/image/{product.id}?s={self._signature(product.id, _name(product.picture))}"

    def address(self, product: Product) -> str | None:
        """For messengers: absolute. None without a picture, or where nobody outside reaches it."""
        if product.picture and _scheme(product.picture) in {"http", "https"}:
            return product.picture
        path = self.path(product)
        return f"{self.public_url}{path}" if path and self.public_url else None

    def signed(self, product: int, name: str, signature: str) -> bool:
        """Whether `signature` was made here for the product's picture file of this name."""
        ours = self._signature(product, name)
        return hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace"))

    def _signature(self, product: int, name: str) -> str:
        told = f"picture\0{product}\0{name}".encode()
        digest = hmac.new(self.secret, told, sha256).digest()
        return urlsafe_b64encode(digest[:BYTES]).decode("ascii")


def _scheme(picture: str) -> str:
    """«https» of an address; empty of a file's name."""
    head, colon, _ = picture.partition(":")
    return head.lower() if colon and "/" not in head else ""


def _name(picture: str) -> str:
    """The file's own name: where the load's folder stands is this machine's matter."""
    return PurePosixPath(picture).name
