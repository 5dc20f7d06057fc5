"""Certificates from a short code, on the rows that trained the network: quantise, write, read back, count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Record
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors
from fathometer.network._network import Network
from fathometer.network.adapters._parameters import moved
from fathometer.network.certificates._answers import errors_of
from fathometer.network.certificates._layout import Layout
from fathometer.network.certificates.coding._code import SCHEMES, Scheme, code_bits, decode, encode
from fathometer.numerics import kl_inverse_upper

DECODED = "decoded: 0/1 risk of the network that its code gives back"

LOOKED_AT = 2000
"""Rows on which the schemes are compared; the one that looks best is counted on all."""


@dataclass(frozen=True, eq=False)
class CodeRecord(Record):
    """A row from a code, with what a recheck needs.

    Attributes:
        row: of the ledger.
        scheme: of the quantiser, in words.
        size: of the file in bytes.
        sha256: of the file.
        file: its name, in the folder of the certificate; empty if it was not written.
        base_sha256: of the network that differences are taken from; empty for none.
        base_saw: numbers of the rows that this network has seen.
    """

    row: LedgerRow
    scheme: str
    size: int
    sha256: str
    file: str
    base_sha256: str
    base_saw: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Coder:
    """A network with what its code is held against.

    Attributes:
        net: as it was trained.
        layout: of the rows.
        x: shape (n, p).
        codes: shape (n,), number of each row's class.
        arrays: the trained arrays.
        base: arrays that differences are taken from, fixed in advance; None for 0.
    """

    net: Network
    layout: Layout
    x: NDArray[np.float64]
    codes: NDArray[np.int64]
    arrays: Mapping[str, NDArray[Any]]
    base: Mapping[str, NDArray[Any]] | None = None

    def written(self, scheme: Scheme) -> bytes:
        """The code under a scheme."""
        wide = {name: np.asarray(array, np.float64) for name, array in self.arrays.items()}
        return encode(wide if self.base is None else {name: wide[name] - self.base[name] for name in wide}, scheme)

    def read(self, code: bytes) -> dict[str, NDArray[np.float64]]:
        """The arrays that a code gives back.

        Raises:
            InputError: if it is none of this network's.
        """
        found = decode(code, {name: np.shape(array) for name, array in self.arrays.items()})
        return found if self.base is None else {name: found[name] + self.base[name] for name in found}

    def errors(self, code: bytes, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where the decoded network errs; everywhere if a score is not finite."""
        with moved(self.net, self.read(code)) as network:
            return errors_of(network, self.layout, self.x[rows], self.codes[rows])


def best_code(
    coder: Coder, certify: NDArray[np.int64], seed: int, announce: Callable[[str], object] = lambda text: None
) -> tuple[bytes, Scheme]:
    """The scheme whose certificate looks smallest on some of the rows.

    Args:
        coder: network and rows.
        certify: numbers of the rows that certify.
        seed: of the rows that are looked at.
        announce: is told what is tried.
    """
    some = np.random.default_rng([seed, 20]).permutation(certify)[:LOOKED_AT]
    tried = [(coder.written(scheme), scheme) for scheme in SCHEMES]
    announce(f"code: {len(SCHEMES)} schemes tried")
    return min(tried, key=lambda pair: _looks(coder, pair[0], some, certify.size))


def _looks(coder: Coder, code: bytes, some: NDArray[np.int64], m: int) -> float:
    budget = code_bits(code) * np.log(2) / m
    return float(kl_inverse_upper(coder.errors(code, some).mean(), budget)) + 1e-6 * budget


def code_row(coder: Coder, code: bytes, certify: NDArray[np.int64], test: NDArray[np.int64], delta: float) -> LedgerRow:
    """The row of a code: the exact binomial tail at delta 2^-bits.

    Args:
        coder: network and rows.
        code: the file.
        certify: numbers of the rows that certify, independent.
        test: numbers of rows that only measure.
        delta: of the row.
    """
    errors = int(coder.errors(code, certify).sum())
    inputs = {"errors": errors, "n": certify.size, "weight": 1.0, "delta": delta, "bits": code_bits(code)}
    value = evaluate_bound("occam_binomial", **inputs)
    measured = measured_errors(int(coder.errors(code, test).sum()), test.size)
    return LedgerRow("occam_binomial", DECODED, value.value, value.vacuous, delta, dict(value.terms), inputs, measured)
