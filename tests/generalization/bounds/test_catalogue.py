import json

import pytest

from fathometer.evidence import InputError
from fathometer.generalization import Bound, BoundValue, bound, catalogue, catalogue_rows, evaluate_bound
from fathometer.generalization.bounds._bound import UNVERIFIED, Key, KeyKind

HOW = ("published", "derived here", "from memory, checked", UNVERIFIED)
PAC = {"risk": 0.1, "kl": 10, "m": 1000, "delta": 0.05}


def test_ids_are_unique_and_the_order_is_stable():
    ids = [candidate.id for candidate in catalogue()]
    assert len(set(ids)) == len(ids)
    assert ids[:4] == ["test_binomial", "test_kl", "test_hoeffding", "test_betting"]
    assert ids[4:9] == ["simultaneous_binomial", "group_gap", "calibration_error", "occam", "occam_binomial"]
    assert [row["id"] for row in catalogue_rows()] == ids


def test_every_bound_says_what_it_assumes_and_how_it_was_checked():
    for candidate in catalogue():
        assert candidate.source.remark.startswith(HOW), candidate.id
        assert candidate.loss
        assert candidate.data
        assert candidate.keys[-1].required or candidate.keys[-1].name != "delta"
        assert "delta" in [key.name for key in candidate.keys]


def test_rows_and_bounds_travel_as_json():
    assert json.loads(json.dumps(catalogue_rows(), allow_nan=False))
    for candidate in catalogue():
        assert Bound.from_json(json.loads(json.dumps(candidate.to_json()))) == candidate


def test_rows_name_each_key_with_its_range():
    row = next(row for row in catalogue_rows() if row["id"] == "catoni")
    assert row["keys"]["m"] == "sample size (integer >= 1)"
    assert row["keys"]["grid"].endswith("(integer >= 1; default 1)")
    row = next(row for row in catalogue_rows() if row["id"] == "smooth_gauss")
    assert row["keys"]["sigma"].endswith("(real > 0; optional)")


def test_text_is_read_as_numbers():
    assert evaluate_bound("maurer_seeger", risk="0.1", kl="10", m="1000", delta="0.05") == evaluate_bound(
        "maurer_seeger", **PAC
    )


def test_a_value_says_what_it_certifies():
    found = evaluate_bound("maurer_seeger", **PAC)
    assert (found.bound, found.delta, list(found.terms)) == ("maurer_seeger", 0.05, ["empirical_risk", "c_m"])
    assert not found.vacuous
    assert found.explanation == "with probability at least 0.95 the risk (Gibbs risk) is at most 0.164477"
    assert BoundValue.from_json(found.to_json()) == found


def test_a_vacuous_value_is_flagged_and_kept():
    found = evaluate_bound("mcallester", **PAC | {"kl": 5000})
    assert found.vacuous
    assert found.value > 1
    assert found.explanation.startswith("vacuous: ")
    assert evaluate_bound("test_binomial", errors=5, n=5, delta=0.1).value == 1
    assert evaluate_bound("test_binomial", errors=5, n=5, delta=0.1).vacuous


@pytest.mark.parametrize("infinite", [float("inf"), "inf", "Infinity"])
def test_an_infinite_divergence_gives_no_number(infinite):
    for name in ("mcallester", "maurer_seeger", "pinsker_refined"):
        found = evaluate_bound(name, **PAC | {"kl": infinite, "risk": 0})
        assert found.value is None
        assert found.vacuous
        assert found.explanation == "diverges, because kl is infinite"
        json.dumps(found.to_json(), allow_nan=False)


def test_a_value_that_overflows_gives_no_number():
    found = evaluate_bound("w1_route_a", risk=0, lipschitz=1e300, distance=1e300, m=10, delta=0.1)
    assert found.value is None
    assert found.vacuous
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("name", "keys", "message"),
    [
        ("mcalester", PAC, "no bound is called 'mcalester'; known: test_binomial, "),
        ("maurer_seeger", {"risk": 0.1, "kl": 1, "m": 10}, r"maurer_seeger needs delta: .* \(real > 0 and < 1\)"),
        ("maurer_seeger", PAC | {"lam": 1}, "maurer_seeger has no key 'lam'; keys: risk, kl, m, delta"),
        ("maurer_seeger", PAC | {"delta": 0}, "delta must be > 0 and < 1, got 0"),
        ("maurer_seeger", PAC | {"delta": 1}, "delta must be > 0 and < 1, got 1"),
        ("maurer_seeger", PAC | {"delta": float("nan")}, "delta must be finite and > 0 and < 1, got nan"),
        ("maurer_seeger", PAC | {"m": 0}, "m must be >= 1, got 0"),
        ("maurer_seeger", PAC | {"m": 2.5}, "m must be a whole number, got 2.5"),
        ("maurer_seeger", PAC | {"m": float("inf")}, "m must be finite and >= 1, got inf"),
        ("maurer_seeger", PAC | {"risk": 1.5}, "risk must be >= 0 and <= 1, got 1.5"),
        ("maurer_seeger", PAC | {"risk": "low"}, "risk must be a number, got 'low'"),
        ("maurer_seeger", PAC | {"risk": [0.1]}, "risk must be a number"),
        ("maurer_seeger", PAC | {"kl": -1}, "kl must be >= 0, got -1"),
        ("maurer_seeger", PAC | {"kl": float("nan")}, "kl must be finite and >= 0, got nan"),
        ("pb_lambda", PAC | {"lam": 2}, "lam must be > 0 and < 2, got 2"),
        ("catoni", PAC | {"C": 0}, "C must be > 0, got 0"),
        ("test_binomial", {"errors": 6, "n": 5, "delta": 0.1}, "errors must be <= n = 5, got 6"),
        ("test_betting", {"errors": 6, "n": 5, "delta": 0.1}, "errors must be <= n = 5, got 6"),
        ("test_binomial", {"errors": -1, "n": 5, "delta": 0.1}, "errors must be >= 0, got -1"),
        ("vc", {"risk": 0, "vc_dim": 11, "m": 10, "delta": 0.1}, "vc_dim must be <= m = 10, got 11"),
    ],
)
def test_bad_input_is_refused_in_one_line(name, keys, message):
    with pytest.raises(InputError, match=message) as refusal:
        evaluate_bound(name, **keys)
    assert "\n" not in str(refusal.value)


def test_an_unknown_bound_is_refused():
    with pytest.raises(InputError, match="no bound is called 'x'"):
        bound("x")


def test_rows_repeat_what_the_bound_says():
    for row, candidate in zip(catalogue_rows(), catalogue(), strict=True):
        names = ("id", "title", "statement", "certificate", "certifies", "loss", "data", "divergence", "prior")
        said = {name: str(getattr(candidate, name)) for name in names} | {"provenance": candidate.source.remark}
        reference = candidate.source.reference
        said["source"] = f"{reference.authors} ({reference.year}), {candidate.source.statement}"
        assert {name: text for name, text in row.items() if name != "keys"} == said
        assert list(row["keys"]) == [key.name for key in candidate.keys]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("a", "x", KeyKind.INTEGER, at_least=1), "integer >= 1"),
        (Key("a", "x", above=0.25, at_most=2), "real > 0.25 and <= 2"),
        (Key("a", "x", KeyKind.SEQUENCE, below=1), "sequence < 1"),
        (Key("a", "x"), "real"),
    ],
)
def test_a_range_is_said_in_words(key, text):
    assert key.allowed == text


def test_keys_read_numbers_text_and_sequences():
    assert Key("a", "x", KeyKind.INTEGER, at_least=1, at_most=5).read("5") == 5
    with pytest.raises(InputError, match=r"^a must be >= 1 and <= 5, got 6$"):
        Key("a", "x", KeyKind.INTEGER, at_least=1, at_most=5).read(6)
    assert Key("a", "x", KeyKind.INTEGER).read(0) == 0
    with pytest.raises(InputError, match=r"^a must be >= 0, got -1$"):
        Key("a", "x", KeyKind.INTEGER).read(-1)
    assert Key("a", "x", may_diverge=True).read("inf") == float("inf")
    with pytest.raises(InputError, match=r"^a must be finite, got -inf$"):
        Key("a", "x", may_diverge=True).read(-float("inf"))
    with pytest.raises(InputError, match=r"^a must be a number, got None$"):
        Key("a", "x", may_diverge=True).read(None)
    losses = Key("losses", "x", KeyKind.SEQUENCE, at_least=0, at_most=1)
    assert losses.read("0, 0.5,1").tolist() == losses.read([0, 0.5, 1]).tolist() == [0, 0.5, 1]
    for values, message in (
        ([], r"^losses must hold at least one number$"),
        ("0,x", r"^losses must be a number, got 'x'$"),
        ([0, 2], r"^each of losses must be >= 0 and <= 1, got 2.0$"),
        ([-1, 0], r"^each of losses must be >= 0 and <= 1, got -1.0$"),
        ([0, float("nan")], r"^losses must be finite, got nan at index \(1,\)$"),
    ):
        with pytest.raises(InputError, match=message):
            losses.read(values)


def test_sentences_to_the_letter():
    vacuous = evaluate_bound("mcallester", **PAC | {"kl": 5000})
    assert vacuous.explanation == "vacuous: 1.68227 says no more than that the loss is at most 1"
    unverified = evaluate_bound("covering", risk=0, lipschitz=1, radius=1, dim=1, m=10**6, delta=0.05).explanation
    assert unverified.startswith("with probability at least 0.95 the risk (all predictors) is at most 0.00")
    overflow = evaluate_bound("w1_route_a", risk=0, lipschitz=1e300, distance=1e300, m=10, delta=0.1)
    assert overflow.bound == "w1_route_a"
    assert (overflow.explanation, overflow.terms, overflow.delta) == ("overflows: larger than any float64", {}, 0.1)
    infinite = evaluate_bound("mcallester", **PAC | {"kl": "inf"})
    assert (infinite.bound, infinite.terms, infinite.delta) == ("mcallester", {}, 0.05)


def test_refusals_to_the_letter():
    with pytest.raises(InputError, match=r"^maurer_seeger has no key 'a'; keys: risk, kl, m, delta$"):
        evaluate_bound("maurer_seeger", b=1, a=1, **PAC)
    with pytest.raises(InputError, match=r"^maurer_seeger needs kl: KL\(posterior \|\| prior\) in nats \(real >= 0\)$"):
        evaluate_bound("maurer_seeger", risk=0.1)
    with pytest.raises(InputError, match=r"^no bound is called 'x'; known: test_binomial, test_kl, test_hoeffding, "):
        bound("x")
    with pytest.raises(InputError, match=r"^errors must be <= n = 5, got 6$"):
        evaluate_bound("test_binomial", errors=6, n=5, delta=0.1)
