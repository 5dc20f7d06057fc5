"""The code of a network: what is written is read back, is near its entropy, and costs what a prefix-free code does."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound
from fathometer.network.certificates.coding._arithmetic import read, written
from fathometer.network.certificates.coding._code import SCHEMES, Form, code_bits, decode, encode


def test_numbers_come_back_whatever_they_are():
    rng = np.random.default_rng(0)
    for _ in range(100):
        parts = [rng.geometric(rng.uniform(0.02, 1), size=rng.integers(0, 40)) - 1 for _ in range(rng.integers(0, 4))]
        parts = [np.minimum(part, 254) for part in parts]
        again = read(written(parts), [part.size for part in parts], 254)
        assert all(np.array_equal(*pair) for pair in zip(parts, again, strict=True))


def test_carries_that_run_through_many_bytes_come_back():
    for value in (0, 1, 5):
        part = np.full(3000, value)
        assert np.array_equal(read(written([part]), [3000], 10)[0], part)


@pytest.mark.parametrize("chances", [(0.5, 0.5), (0.9, 0.1), (0.7, 0.2, 0.1)])
def test_a_code_is_hardly_longer_than_the_entropy(chances):
    part = np.random.default_rng(1).choice(len(chances), size=4000, p=chances)
    shares = np.bincount(part) / part.size
    entropy = -part.size * np.sum(shares * np.log2(shares))
    assert entropy <= 8 * len(written([part])) <= entropy + 8 * len(chances) + 16


def arrays():
    rng = np.random.default_rng(2)
    return {"w": rng.standard_normal((9, 7)), "b": 0.01 * rng.standard_normal(7), "none": np.zeros(3)}


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.spoken)
def test_decoded_weights_are_the_nearest_levels(scheme):
    given = arrays()
    again = decode(encode(given, scheme), {name: array.shape for name, array in given.items()})
    assert np.all(again["none"] == 0)
    for name in ("w", "b"):
        values, levels = given[name].ravel(), np.unique(again[name])
        nearest = np.abs(values[:, None] - levels).min(axis=1)
        apart = np.abs(values - again[name].ravel())
        if scheme.form is Form.CODEBOOK:
            assert len(levels) <= scheme.size
            np.testing.assert_allclose(apart, nearest, atol=1e-12)
        else:
            step = scheme.size * np.sqrt(np.mean(values**2))
            assert apart.max() <= step * (0.5 + scheme.dead) * (1 + 1e-6)


def test_the_price_is_that_of_a_prefix_free_code():
    """Kraft's inequality: over all files of each length, the weights add up to less than 1."""
    assert code_bits(b"") == 1
    assert code_bits(b"a") == 8 + 2 * 3 + 1
    total = sum(2.0 ** (8 * size) * 2.0 ** -code_bits(bytes(size)) for size in range(100))
    assert total < 1


@pytest.mark.parametrize("code", [b"", b"\x07", b"\x00", b"\x01\x02", b"\x00" + b"\xff" * 20])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(InputError, match="cannot be read"):
        decode(code, {"w": (2, 2)})


def test_a_longer_code_certifies_less():
    given = {"errors": 5, "n": 1000, "delta": 0.05}
    values = [evaluate_bound("occam_binomial", **given, weight=1, bits=bits).value for bits in (0, 9, 899, 901)]
    assert values == sorted(values)
    assert values[1] == evaluate_bound("occam_binomial", **given, weight=2.0**-9).value


@pytest.mark.parametrize("scheme", SCHEMES)
def test_arrays_that_are_empty_or_far_out_come_back_finite(scheme):
    arrays = {
        "none": np.zeros((0, 3)),
        "far": np.array([1e300, -1e300, 1.0]),
        "one": np.array([2.5]),
        "flat": np.ones(5),
    }
    found = decode(encode(arrays, scheme), {name: array.shape for name, array in arrays.items()})
    assert found["none"].shape == (0, 3)
    assert all(np.all(np.isfinite(array)) for array in found.values())


def test_a_flipped_bit_before_the_last_byte_gives_no_network_or_another_one():
    code = encode({"a": np.random.default_rng(0).standard_normal(60)}, SCHEMES[4])
    right = decode(code, {"a": (60,)})["a"]
    for bit in range(8 * len(code) - 8):
        other = bytearray(code)
        other[bit // 8] ^= 1 << bit % 8
        assert not np.array_equal(read_or_none(bytes(other)), right)


def read_or_none(code):
    try:
        return decode(code, {"a": (60,)})["a"]
    except InputError:
        return None
