"""Signed certificates: who wrote the file, and that nothing in it was changed."""

import json

import numpy as np
import pytest

from fathometer.evidence import InputError, Status
from fathometer.generalization import linear_certificate, read_saved, recheck, save_certificate, verify_signature
from fathometer.generalization.certificates._saved import content_digest

pytest.importorskip("cryptography")
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2))
Y = (X[:, 0] > 0).astype(int)
PRIVATE = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
PUBLIC = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_files(folder, name="key", key=None, password=None):
    key = key or ed25519.Ed25519PrivateKey.generate()
    hidden = serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(password)
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(*PRIVATE, hidden))
    public.write_bytes(key.public_key().public_bytes(*PUBLIC))
    return private, public


@pytest.fixture(scope="module")
def certificate():
    return linear_certificate(X, Y)


def verdict(path, public):
    saved = read_saved(path)
    return verify_signature(recheck(saved.certificate, X, Y, saved.untouched), saved, public)


def test_a_signed_file_is_verified_and_a_changed_one_is_not(certificate, tmp_path):
    private, public = key_files(tmp_path)
    _, other = key_files(tmp_path, "other")
    path = tmp_path / "c.json"
    save_certificate(path, certificate, private)
    assert verdict(path, public).verdict.status is Status.HOLDS
    assert verdict(path, other).verdict.explanation.startswith("other.pub did not sign this content")
    assert any("whether the signature is good" in phrase for phrase in verdict(path, None).unseen)
    document = json.loads(path.read_text())
    document["certificate"]["ledger"]["provenance"]["device"] = "abacus"
    document["digest"] = content_digest(document["certificate"])
    path.write_text(json.dumps(document))
    assert verdict(path, None).verdict.status is Status.HOLDS
    assert verdict(path, public).verdict.status is Status.VIOLATED
    assert verdict(path, public).recomputed


def test_every_byte_of_a_signature_counts(certificate, tmp_path):
    private, public = key_files(tmp_path)
    path = tmp_path / "c.json"
    save_certificate(path, certificate, private)
    honest = json.loads(path.read_text())
    for change in (
        {"signature": honest["signature"]["signature"][::-1]},
        {"signature": ""},
        {"signature": "???"},
        {"public_key": "AAAA"},
    ):
        path.write_text(json.dumps(honest | {"signature": honest["signature"] | change}))
        assert verdict(path, public).verdict.status is Status.VIOLATED
    path.write_text(json.dumps({name: value for name, value in honest.items() if name != "signature"}))
    assert verdict(path, public).verdict.explanation.startswith("the file carries no signature")
    path.write_text(json.dumps(honest | {"signature": honest["signature"] | {"algorithm": "none"}}))
    with pytest.raises(InputError, match="algorithm must be ed25519, got 'none'"):
        read_saved(path)


def test_keys_of_openssh_sign_and_verify(certificate, tmp_path):
    key = ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    (tmp_path / "id").write_bytes(key.private_bytes(*form))
    ssh = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    (tmp_path / "id.pub").write_bytes(key.public_key().public_bytes(*ssh))
    save_certificate(tmp_path / "c.json", certificate, tmp_path / "id")
    assert verdict(tmp_path / "c.json", tmp_path / "id.pub").verdict.status is Status.HOLDS


def test_keys_that_cannot_be_used(certificate, tmp_path):
    private, public = key_files(tmp_path)
    curve, curve_public = key_files(tmp_path, "curve", ec.generate_private_key(ec.SECP256R1()))
    secret, _ = key_files(tmp_path, "secret", password=b"hush")
    for key, message in (
        (tmp_path / "absent", "no key can be read from"),
        (tmp_path, "no key can be read from"),
        (public, "holds no key in PEM or OpenSSH format without a password"),
        (curve, "holds no Ed25519 private key"),
        (secret, "without a password"),
    ):
        with pytest.raises(InputError, match=message):
            save_certificate(tmp_path / "c.json", certificate, key)
        assert not (tmp_path / "c.json").exists()
    save_certificate(tmp_path / "c.json", certificate, private)
    for key, message in ((curve_public, "no Ed25519 public key"), (private, "holds no key in PEM or OpenSSH format")):
        with pytest.raises(InputError, match=message):
            verdict(tmp_path / "c.json", key)
