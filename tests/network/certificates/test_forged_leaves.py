"""Every number and every word of a saved certificate is changed in turn and its digest made anew: which pass?"""

import base64
import json
import re
from typing import Any

import numpy as np
import pytest

from fathometer.evidence import InputError, Status
from fathometer.generalization.certificates._saved import content_digest
from fathometer.network.certificates import certify, recheck_file
from tests.forging import at, changed, leaves, with_change
from tests.network.certificates.networks import rows, scores, start, trained

SAW = np.arange(200)
SAID = re.compile(r"provenance|\.name$|plan\.model|\.file$|scheme|curvature|temperature|gamma|\.level$")
"""What a certificate says beside its numbers: of how it was made, names, and what is below the tolerance."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    x, y = rows(360, 0)
    prior = start(0)
    net = trained(x[SAW], y[SAW], prior)
    path = tmp_path_factory.mktemp("network") / "c.json"
    certify((scores, net), x, y, saw=SAW, prior=prior, rows=("held_out", "code", "posterior"), draws=20).save(path)
    return x, y, net, prior, path


def other(holder: Any, key: str | int) -> Any:
    """A near value; of an array its first number."""
    if key != "base64":
        return changed(holder[key])
    array = np.frombuffer(base64.b64decode(holder[key]), holder["dtype"]).copy()
    array[:1] = 0.5 * array[:1] if array.dtype.kind == "f" else array[:1] + 1
    return base64.b64encode(array.tobytes()).decode()


def status(saved, document, path):
    x, y, net, prior, _ = saved
    document["digest"] = content_digest(document["certificate"])
    path.write_text(json.dumps(document))
    try:
        return recheck_file(path, x, y, net=(scores, net), prior=prior)[1].verdict.status
    except InputError:
        return None


@pytest.mark.slow
def test_no_changed_leaf_passes(saved, tmp_path):
    place = tmp_path / saved[-1].name
    place.with_suffix(".code").write_bytes(saved[-1].with_suffix(".code").read_bytes())
    document = json.loads(saved[-1].read_text())
    assert status(saved, dict(document), place) is Status.HOLDS
    passed = []
    content = document["certificate"]
    for path in leaves(content):
        value = at(content, path)
        if value is None or any(isinstance(key, int) and key > 1 for key in path):
            continue
        new = other(at(content, path[:-1]), path[-1])
        forged = document | {"certificate": with_change(content, path, new)}
        if new != value and status(saved, forged, place) in (Status.HOLDS, Status.UNDECIDED):
            passed.append(".".join(map(str, path)))
    assert [name for name in passed if not SAID.search(name)] == []


def test_a_recheck_without_code_or_prior_does_not_decide(saved, tmp_path):
    x, y, net, prior, path = saved
    alone = tmp_path / path.name
    alone.write_bytes(path.read_bytes())
    assert recheck_file(alone, x, y, net=(scores, net), prior=prior)[1].verdict.status is Status.UNDECIDED
    assert recheck_file(path, x, y, net=(scores, net))[1].verdict.status is Status.UNDECIDED


def test_other_rows_and_other_seen_rows_are_named(saved, tmp_path):
    x, y, net, prior, path = saved
    swapped = y.copy()
    swapped[[300, 301]] = (y[[300, 301]] + 1) % 3
    assert recheck_file(path, x, swapped, net=(scores, net), prior=prior)[1].verdict.status is Status.VIOLATED
    assert recheck_file(path, x[::-1], y[::-1], net=(scores, net), prior=prior)[1].verdict.status is Status.VIOLATED


def test_rows_that_are_hardly_unseen_are_refused():
    x, y = rows(360, 0)
    with pytest.raises(InputError, match="at least 10 rows must be unseen by the network"):
        certify((scores, start(0)), x, y, saw=np.arange(355))


def test_scores_that_are_probabilities_stay_what_they_are():
    from fathometer.network.certificates._answers import probabilities_of

    stated = np.random.default_rng(0).dirichlet(np.ones(4), 9)
    np.testing.assert_allclose(probabilities_of(stated), stated, rtol=1e-12)
    np.testing.assert_allclose(probabilities_of(np.log(stated) + 3), stated, rtol=1e-12)


@pytest.mark.parametrize("part", ["code", "posterior"])
def test_a_row_without_one_of_its_inputs_does_not_pass(saved, tmp_path, part):
    place = tmp_path / saved[-1].name
    place.with_suffix(".code").write_bytes(saved[-1].with_suffix(".code").read_bytes())
    document = json.loads(saved[-1].read_text())
    for name in document["certificate"][part]["row"]["inputs"]:
        forged = json.loads(saved[-1].read_text())
        del forged["certificate"][part]["row"]["inputs"][name]
        assert status(saved, forged, place) in (Status.VIOLATED, None), name
