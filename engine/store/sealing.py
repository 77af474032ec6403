"""What is kept so that only the house can read it: encrypted under a key made from its secret."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import EngineError


class SealBroken(EngineError):
    """Sealed under another secret, or altered."""

    def __init__(self) -> None:
        super().__init__("sealed under another secret, or altered since")


class Seal:
    """Fernet (AES-128-CBC and HMAC-SHA-256); its key is HKDF-SHA-256 (RFC 5869) of the secret.

    `use` parts the keys of different things: what was sealed for one use opens for no other.
    """

    def __init__(self, secret: bytes, use: str = "address") -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=f"ppoyami {use}".encode())
        self._fernet = Fernet(urlsafe_b64encode(derived.derive(secret)))

    def close(self, text: str) -> str:
        """ASCII; another each time, also of the same text."""
        return self._fernet.encrypt(text.encode("utf-8", "replace")).decode("ascii")

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        try:
            return self._fernet.decrypt(sealed.encode("utf-8", "replace")).decode("utf-8")
        except InvalidToken:
            raise SealBroken from None
