"""Signatures of certificates: Ed25519, by the package `cryptography`, on the bytes that the digest is made from."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError

ALGORITHM = "ed25519"


@dataclass(frozen=True)
class Signature:
    """Who vouches for a certificate.

    Attributes:
        public_key: base64 of the 32 bytes of the key that it is said to come from.
        signature: base64 of its 64 bytes.
    """

    public_key: str
    signature: str

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values."""
        return {"algorithm": ALGORITHM, "public_key": self.public_key, "signature": self.signature}


def read_signature(value: Any) -> Signature | None:
    """The signature of a document; None if it has none.

    Raises:
        InputError: if it has another form.
    """
    if value is None:
        return None
    names = {"algorithm", "public_key", "signature"}
    if not isinstance(value, dict) or set(value) != names or not all(isinstance(text, str) for text in value.values()):
        raise InputError("signature must have the keys algorithm, public_key, signature, all text")
    if value["algorithm"] != ALGORITHM:
        raise InputError(f"signature.algorithm must be {ALGORITHM}, got {value['algorithm'][:40]!r}")
    return Signature(value["public_key"], value["signature"])


def signer(path: Path) -> Callable[[bytes], Signature]:
    """A function that signs with the private key of a file, PEM or OpenSSH, without a password.

    Raises:
        InputError: if there is no such file, it holds no Ed25519 key, or `cryptography` is not installed.
    """
    kinds, serialization = _package()
    key = _loaded(path, (serialization.load_pem_private_key, serialization.load_ssh_private_key), password=None)
    if not isinstance(key, kinds.Ed25519PrivateKey):
        raise InputError(
            f"{path} holds no Ed25519 private key; `openssl genpkey -algorithm ed25519 -out key.pem` makes one"
        )
    public = _text(key.public_key().public_bytes_raw())
    return lambda message: Signature(public, _text(key.sign(message)))


def signed_by(path: Path) -> Callable[[Signature, bytes], bool]:
    """A function that says whether a signature was made with the private key that belongs to a public one.

    Raises:
        InputError: if there is no such file, it holds no Ed25519 key, or `cryptography` is not installed.
    """
    kinds, serialization = _package()
    key = _loaded(path, (serialization.load_pem_public_key, serialization.load_ssh_public_key))
    if not isinstance(key, kinds.Ed25519PublicKey):
        raise InputError(
            f"{path} holds no Ed25519 public key; `openssl pkey -in key.pem -pubout -out pub.pem` makes one"
        )

    def verified(signature: Signature, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(base64.b64decode(signature.signature, validate=True), message)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return signature.public_key == _text(key.public_bytes_raw())

    return verified


def _package() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise InputError("signatures need cryptography: pip install 'fathometer[sign]'") from error
    return ed25519, serialization


def _loaded(path: Path, readers: tuple[Callable[..., Any], ...], **more: Any) -> Any:
    """The key, by the first reader that knows the format.

    Raises:
        InputError: if none does, or there is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"no key can be read from {str(path)!r}: {error.strerror}") from error
    for reader in readers:
        try:
            return reader(content, **more)
        except Exception:  # another format, another algorithm or a password
            continue
    raise InputError(f"{path} holds no key in PEM or OpenSSH format without a password")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
