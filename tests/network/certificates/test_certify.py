"""One small network, certified in every way: rows, rechecks, forgeries and refusals."""

import base64
import dataclasses
import json

import numpy as np
import pytest

from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound
from fathometer.network.certificates import certify, recheck_file
from fathometer.network.certificates._shares import divided
from tests.network.certificates.networks import in_numpy, rows, scores, start, trained

SAW = np.arange(200)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Rows, network, its start, and the certificate in its file."""
    x, y = rows(360, 0)
    prior = start(0)
    net = trained(x[SAW], y[SAW], prior)
    asked = ("held_out", "recall", "calibration", "code", "posterior")
    certified = certify((scores, net), x, y, saw=SAW, prior=prior, rows=asked, draws=80)
    path = tmp_path_factory.mktemp("network") / "c.json"
    certified.save(path)
    return x, y, net, prior, certified, path


def test_held_out_rows_are_counted_by_hand(made):
    x, y, net, _, certified, _ = made
    record = certified.certificate.held_out
    row = next(row for row in certified.ledger.rows if row.certifies == "0/1 risk of the deployed predictor")
    wrong = in_numpy(net, x).argmax(axis=1) != y
    sizes = certified.ledger.sizes
    assert sizes["held_out"] + sizes["test"] == 160
    assert row.inputs["errors"] <= wrong[200:].sum()
    assert record.overfitting.training_risk.value == pytest.approx(wrong[SAW].mean())
    assert row.inputs["delta"] < row.delta_spent * (1 + 1e-12)


def test_all_rows_share_one_delta(made):
    ledger = made[4].ledger
    assert sum(row.delta_spent for row in ledger.rows) <= ledger.delta_total == 0.05
    firsts = {row.certifies.split(":")[0] for row in ledger.rows}
    assert {"randomised", "decoded"} <= firsts
    assert ledger.winner == "test_binomial"


def test_the_code_pays_for_its_file(made):
    certified, path = made[4:]
    record = certified.certificate.code
    bits = 8 * path.with_suffix(".code").stat().st_size
    assert record.row.inputs["bits"] == bits + 2 * int(np.log2(bits + 1)) + 1
    assert record.row.value == evaluate_bound("occam_binomial", **record.row.inputs).value
    assert record.row.inputs["n"] == 200


def test_flat_arrays_are_wider(made):
    laws = {law.name: law for law in made[4].certificate.posterior.laws}
    steep = {name: law.curvature / law.size for name, law in laws.items()}
    assert steep["a"] > steep["b"]
    assert laws["a"].posterior < laws["b"].posterior


def test_a_recheck_without_the_network_decides_nothing_about_it(made):
    x, y, *_, path = made
    assert recheck_file(path, x, y)[1].verdict.status is Status.UNDECIDED


def test_a_recheck_with_it_asks_it_again(made):
    x, y, net, prior, _, path = made
    found = recheck_file(path, x, y, net=(scores, net), prior=prior)[1]
    assert found.verdict.status is Status.HOLDS
    other = {**net, "b": net["b"] + 0.1}
    assert recheck_file(path, x, y, net=(scores, other), prior=prior)[1].verdict.status is Status.VIOLATED
    assert recheck_file(path, x + 1, y)[1].verdict.status is Status.VIOLATED


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["held_out"]["ledger"]["rows"][0].update(value=0.001),
        lambda c: c["posterior"]["row"].update(value=0.1),
        lambda c: c["posterior"]["row"]["inputs"].update(kl=0.1),
        lambda c: c["posterior"]["laws"][0].update(distance=0.01),
        lambda c: c["posterior"]["laws"][0].update(prior=0.123),
        lambda c: c["posterior"]["errors"].update(base64=base64.b64encode(bytes(4 * 80)).decode()),
        lambda c: c["code"]["row"]["inputs"].update(bits=9),
        lambda c: c["code"]["row"]["inputs"].update(errors=0),
        lambda c: c["code"]["row"].update(value=0.01),
        lambda c: c.update(delta=0.01),
    ],
)
def test_forgeries_are_named(made, tmp_path, change):
    from fathometer.generalization.certificates._saved import content_digest

    x, y, net, prior, _, path = made
    document = json.loads(path.read_text())
    change(document["certificate"])
    document["digest"] = content_digest(document["certificate"])
    forged = tmp_path / path.name
    forged.write_text(json.dumps(document))
    forged.with_suffix(".code").write_bytes(path.with_suffix(".code").read_bytes())
    found = recheck_file(forged, x, y, net=(scores, net), prior=prior)[1]
    assert found.verdict.status is Status.VIOLATED, found.differences


def test_another_code_is_refused(made, tmp_path):
    x, y, net, prior, _, path = made
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    copy.with_suffix(".code").write_bytes(b"\0")
    with pytest.raises(InputError, match="is not the code of this certificate"):
        recheck_file(copy, x, y, net=(scores, net), prior=prior)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"saw": np.arange(360)}, "has seen all rows"),
        ({"saw": [400]}, "saw must be a list of row numbers from 0 to 359"),
        ({"y": np.full(360, 7)}, "from 0 to 2, as the network has 3 scores, got 7 in row 0"),
        ({"y": np.zeros(360)}, "at least two classes"),
        ({"y": np.full(360, 0.5)}, "numbers of classes"),
        ({"y": np.zeros(3)}, r"y must have shape \(360,\)"),
        ({"rows": ("posterior",)}, "needs a prior"),
        ({"rows": ("head",)}, "needs the pretrained network"),
        ({"rows": ("code",), "saw": []}, "name them"),
        ({"rows": ("code", "code")}, "asked for twice"),
        ({"rows": ("nothing",)}, "rows must be of"),
        ({"rows": ("code",), "shares": (1.0,)}, "leave something for the held-out rows"),
        ({"prior": {"a": np.zeros((2, 6))}}, "the prior lacks the array 'b'"),
        ({"prior": {"a": np.zeros((2, 6)), "b": np.zeros((3, 3))}}, "must have shape"),
    ],
)
def test_bad_input_is_named(made, change, message):
    x, y, net, *_ = made
    with pytest.raises(InputError, match=message):
        certify((scores, net), x, **({"y": y, "saw": SAW} | change))


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (lambda p, x: np.full((len(x), 3), np.nan) * p, "not finite"),
        (lambda p, x: np.zeros((len(x), 3, 2)) * p, "one finite score for each class"),
    ],
)
def test_scores_that_are_none_are_refused(made, net, message):
    x, y, *_ = made
    with pytest.raises(InputError, match=message):
        certify((net, np.ones(())), x, y, saw=SAW)


def test_one_score_is_two_classes():
    x, _ = rows(200, 3)
    made = certify((lambda p, x: x[:, :1] * p, np.ones(())), x, (x[:, 0] > 0).astype(int), saw=np.arange(50))
    assert made.ledger.rows[0].inputs["errors"] == 0
    assert made.certificate.network.outputs == 2


def test_rows_by_name_and_in_any_shape_are_counted_as_they_are():
    x, y = rows(200, 4)
    given = {"left": x[:, :1].reshape(-1, 1, 1), "right": x[:, 1].astype(np.float32)}
    weights = np.eye(2, 3)

    def net(p, batch):
        assert batch["left"].shape[1:] == (1, 1)
        assert batch["right"].dtype == np.float32
        return np.column_stack([batch["left"].ravel(), batch["right"]]) @ p

    made = certify((net, weights), given, y, saw=np.arange(60))
    assert made.certificate.layout.names == ("left", "right")
    assert made.certificate.held_out.data.columns == 2


def test_copies_of_training_rows_certify_nothing():
    x, y = rows(200, 5)
    x[150:], y[150:] = x[:50], y[:50]
    made = certify((lambda p, x: in_numpy(p, x), start(0)), x, y, saw=np.arange(50))
    assert sum(made.ledger.sizes[part] for part in ("held_out", "test")) == 100


def test_shares_are_what_was_asked_for():
    held_out, own, others, within = divided(("held_out", "code", "recall"), (0.5, 0.2, 0.3), 0.1)
    assert held_out == pytest.approx(0.08)
    assert own == pytest.approx({"code": 0.02})
    assert others == ("held_out", "recall")
    assert within == pytest.approx((0.625, 0.375))


def test_a_network_at_its_prior_needs_no_pac_bayes(made):
    x, y, net, *_ = made
    with pytest.raises(InputError, match="the weights of the prior"):
        certify((scores, net), x, y, saw=SAW, prior=net, draws=10)


def test_records_travel(made):
    certificate = made[4].certificate
    assert type(certificate).from_json(certificate.to_json()) == certificate
    assert dataclasses.replace(certificate, parameters="a") != certificate
