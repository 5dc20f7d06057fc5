"""Language models that count pairs of tokens: documents are the unit, and certificates hold for them."""

import numpy as np
import pytest

from fathometer.evidence import InputError, Status
from fathometer.network.certificates import certify_language, recheck_file
from fathometer.network.certificates.language._language import risk_at_any_time

V = 5
LAW = np.random.default_rng(0).dirichlet(np.full(V, 0.4), size=V)


def documents(count, seed, length=16, law=LAW):
    rng = np.random.default_rng(seed)
    lots = rng.random((count, length))
    tokens = [rng.integers(len(law), size=count)]
    for k in range(1, length):
        tokens.append((lots[:, k, None] > law[tokens[-1]].cumsum(axis=1)).sum(axis=1).clip(max=len(law) - 1))
    return list(np.stack(tokens, axis=1))


def counted(texts, vocabulary=V):
    table = np.full((vocabulary, vocabulary), 0.1)
    for text in texts:
        np.add.at(table, (text[:-1], text[1:]), 1)
    return {"table": np.log(table / table.sum(axis=1, keepdims=True))}


def model(parameters, ids):
    return np.asarray(parameters["table"])[np.asarray(ids)]


def in_bits(table, texts, alpha=0.01):
    shares = np.exp(table)
    mixed = (1 - alpha) * shares / shares.sum(axis=1, keepdims=True) + alpha / len(table)
    return np.array([-np.log2(mixed[text[:-1], text[1:]]).mean() for text in texts])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    texts = documents(700, 1)
    net = (model, counted(texts[:500]))
    certified = certify_language(net, texts, vocabulary=V, saw=np.arange(500), code=True)
    path = tmp_path_factory.mktemp("language") / "l.json"
    certified.save(path)
    return texts, net, certified, path


def test_its_ledger_is_that_of_its_record(made):
    certified = made[2]
    assert certified.ledger is certified.certificate.ledger
    assert {row.certifies.split(":")[0] for row in certified.ledger.rows} >= {"decoded"}


def test_losses_are_bits_per_token(made):
    texts, net, certified, _ = made
    most = certified.certificate.reading.most_bits
    assert most == pytest.approx(np.log2(V / 0.01))
    found = np.sort(certified.certificate.losses) * most
    known = np.sort(in_bits(net[1]["table"], texts[500:]))
    np.testing.assert_allclose(found, known, rtol=1e-12)
    assert certified.bits_per_token.lower < known.mean() < certified.bits_per_token.upper


def test_the_code_certifies_from_training_documents(made):
    certified = made[2]
    row = certified.certificate.code.row
    assert row.bound == "coinbet"
    assert len(row.inputs["losses"]) == 500
    assert row.value < 1


def test_rechecks_ask_the_model_again(made):
    texts, net, _, path = made
    assert recheck_file(path, documents=texts)[1].verdict.status is Status.UNDECIDED
    assert recheck_file(path, documents=texts, net=net)[1].verdict.status is Status.HOLDS
    other = (model, {"table": net[1]["table"] + np.eye(V)})
    assert recheck_file(path, documents=texts, net=other)[1].verdict.status is Status.VIOLATED
    assert recheck_file(path, documents=texts[::-1], net=net)[1].verdict.status is Status.VIOLATED


def test_a_network_that_looks_ahead_is_no_language_model():
    texts = documents(40, 2)

    def cheating(parameters, ids):
        following = np.roll(np.asarray(ids), -1, axis=1)
        return 9.0 * np.eye(V)[following] * parameters

    with pytest.raises(InputError, match="looks ahead"):
        certify_language((cheating, np.ones(())), texts, vocabulary=V, saw=[])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"documents": [[1]] * 30}, "at least two tokens"),
        ({"documents": [[1, 9]] * 30}, "document 0 has the token 9"),
        ({"saw": np.arange(40)}, "has seen all documents"),
        ({"vocabulary": 7}, "scores of shape"),
        ({"alpha": 0.0}, "alpha"),
        ({"code": True, "saw": []}, "name them"),
    ],
)
def test_bad_input_is_named(change, message):
    asked = {"documents": documents(40, 3), "vocabulary": V, "saw": np.arange(10)} | change
    with pytest.raises(InputError, match=message):
        certify_language((model, counted(documents(3, 4))), asked.pop("documents"), **asked)


@pytest.mark.slow
def test_bits_per_token_are_covered_and_training_documents_do_not_cover():
    from scipy.stats import binom

    many = 30
    law = np.random.default_rng(1).dirichlet(np.full(many, 0.5), size=many)
    fresh, runs, failed, cheated = documents(5000, 999, law=law), 60, 0, 0
    for run in range(runs):
        texts = documents(60, 1000 + run, law=law)
        net = counted(texts[:25], many)
        truth = in_bits(net["table"], fresh).mean()
        for given, saw in ((texts, np.arange(25)), (texts[:25], [])):
            made = certify_language((model, net), given, vocabulary=many, saw=saw, delta=0.5, seed=run)
            wrong = truth > made.ledger.rows[0].terms["in bits per token"]
            failed, cheated = failed + (wrong and len(saw) > 0), cheated + (wrong and len(saw) == 0)
    assert binom.sf(failed - 1, runs, 0.5) > 1e-3
    assert cheated > 0.9 * runs


@pytest.mark.slow
def test_the_interval_of_bits_holds_at_every_number_of_documents():
    rng, alive = np.random.default_rng(3), []
    for _ in range(60):
        losses = rng.beta(2, 6, 80)
        ends = [risk_at_any_time(losses[:count], 0.8, 1.0) for count in range(4, 81, 4)]
        alive.append(all(each.lower <= 0.25 <= each.upper for each in ends))
    assert np.mean(alive) >= 0.8  # 0.2 may fail at any of the 20 looks together


def test_the_bets_on_bits_have_won_at_the_upper_end_what_refutes_it():
    losses = np.random.default_rng(4).beta(2, 6, 80)
    top = float(risk_at_any_time(losses, 0.8, 1.0).upper)
    weights = np.sin((2 * np.arange(1, 65) - 1) * np.pi / 256) ** 2
    factors = (1 - weights) * (1 - losses[:, None]) / (1 - top) + weights * losses[:, None] / top
    assert np.mean(np.prod(factors, axis=0)) == pytest.approx(10, rel=1e-6)
