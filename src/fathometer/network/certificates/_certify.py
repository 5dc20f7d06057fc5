"""How wrong can your network be? Certificates of a trained classifier of any framework."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, read_archive
from fathometer.evidence import InputError
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.predictors import Plan, Rows, Source, certify_rows
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.ledger._copies import grouped_rows
from fathometer.network._network import Network, blocks_of
from fathometer.network.adapters._elsewhere import numbers_elsewhere
from fathometer.network.adapters._parameters import arrays_of, shapes_of
from fathometer.network.adapters._wrap import wrap
from fathometer.network.certificates._answers import (
    Answering,
    arrays_digest,
    facts_of,
    read_rows,
    require_signed,
    scores_of,
    wrong,
)
from fathometer.network.certificates._certificate import NetworkCertified, OwnNetworkCertificate, row_numbers
from fathometer.network.certificates._head import (
    Head,
    HeadRecord,
    head_inputs,
    head_matrix,
    head_row,
    read_head,
    require_pretrained,
    require_same_scores,
)
from fathometer.network.certificates._layout import Layout, read_inputs
from fathometer.network.certificates._losses import cross_entropy
from fathometer.network.certificates._posterior import DRAWS, Cloud, PosteriorRecord, posterior_row
from fathometer.network.certificates._shares import divided
from fathometer.network.certificates.coding._code_row import Coder, CodeRecord, best_code, code_row
from fathometer.network.curvature._objective_of import objective

LOOKED_AT = 1000
"""Rows whose scores are looked at before any work."""

FEWEST_UNSEEN = 10
"""Groups of rows that the network must not have seen."""

CURVED = 1000
"""Rows on which the curvature is measured; nothing that is certified depends on how well."""

Prior = Mapping[str, Any] | str | Path | Any


@dataclass(frozen=True, eq=False)
class Ground:
    """What every row of the ledger stands on.

    Attributes:
        net: the trained network; None where it is not given to a recheck.
        layout: of its rows.
        rows: as numbers.
        groups: shape (n,), of each row.
        split: which rows are in which part.
        seen: numbers of the rows that the network has seen.
        seed: of every draw.
    """

    net: Any
    layout: Layout
    rows: Rows
    groups: NDArray[np.int64]
    split: Split
    seen: NDArray[np.int64]
    seed: int

    def counted(self, unseen_by: NDArray[np.int64]) -> NDArray[np.int64]:
        """One row, drawn at random, of each group that trained the network and that another has not seen.

        Args:
            unseen_by: numbers of the rows that the other has seen.

        Raises:
            InputError: if there is none.
        """
        known = np.isin(self.groups, self.groups[unseen_by])
        free = np.random.default_rng([self.seed, 30]).permutation(self.seen[~known[self.seen]])
        if not free.size:
            raise InputError("rows on the training data need rows that the network has seen and the prior has not")
        return np.sort(free[np.unique(self.groups[free], return_index=True)[1]])

    @property
    def test(self) -> NDArray[np.int64]:
        """Rows that only measure."""
        return self.split.part("test")


def certify(
    net: Any,
    X: Any,
    y: ArrayLike,
    *,
    saw: ArrayLike,
    delta: float = 0.05,
    prior: Prior = None,
    prior_saw: ArrayLike | None = None,
    rows: Sequence[str] = (),
    shares: Sequence[float] = (),
    loss: Callable[..., Any] | None = None,
    head: Head | str | None = None,
    parameters: str = "*",
    parts: Sequence[float] = (),
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
    seed: int | None = None,
    draws: int = DRAWS,
    announce: Callable[[str], object] = lambda text: None,
) -> NetworkCertified:
    """Certify how wrong a trained network is on new rows, all certificates together under one delta.

    Rows that the network has not seen give the exact binomial limit, the one of betting, the gap to the rows that it
    has seen, and with `rows=` what else the certificates of predictors know (recall, calibration and so on). Rows on
    request that count the training rows themselves: `code` (the network that a short file gives back), `posterior`
    (a Gaussian around the weights, as wide as the curvature allows; needs `prior`), `head` (a last layer near a
    pretrained one; needs `prior` and `head`). What each assumes is said in the guide on certificates of networks.

    Args:
        net: a module of torch, (function of JAX, parameters), a folder of transformers, a file of ONNX, or wrapped.
        X: shape (n, ...), or a mapping of such arrays; at least 60 groups of rows, the training rows among them.
        y: shape (n,), numbers of classes from 0 on.
        saw: numbers of the rows that the network has seen in training or selection; empty for none.
        delta: total failure probability, in (0, 1).
        prior: arrays by name, a file of them (npz), or a network: a checkpoint before these rows, such as the initial
            or the pretrained weights.
        prior_saw: numbers of the rows that the checkpoint has seen; None for none.
        rows: names of rows of the ledger; empty for those that apply, and `posterior` where a prior is given.
        shares: of delta, one for each of `rows`; empty for those of the project: the rows on the training data get a
            tenth together.
        loss: `loss(model, X, y)`, the mean over rows, whose curvature makes the posterior; cross-entropy of the scores
            if None.
        head: name of the last layer in torch, or where it is.
        parameters: names of the arrays that the posterior moves, as in a shell; the others must be those of the prior.
        parts: shares of training, certificate and test part; only the latter two count where `saw` names rows.
        groups: shape (n,), group of each row; None if only copies belong together.
        allow_copies: count equal rows one by one.
        seed: of the split and all draws; None for the one that follows from the data.
        draws: networks that measure the risk of the posterior.
        announce: is told what is finished.

    Raises:
        InputError: if the network has seen every row, y is out of range, a score is not finite, or what a row needs is
            not there.
    """
    network = wrap(net)
    x, layout = read_inputs(X)
    outputs = scores_of(network, layout, x[:2]).shape[1]
    table = read_rows(x, y, outputs)
    require_signed(network, layout, x[:LOOKED_AT])
    seen = row_numbers(saw, len(x), "saw")
    if seen.size == len(x):
        raise InputError(
            "the network has seen all rows: none is left that certifies it; give rows that it has not seen"
        )
    require_unseen(grouped_rows(x, table.truth, MINIMUM_ROWS, groups, allow_copies).numbers, seen, FEWEST_UNSEEN)
    given = None if prior is None else read_prior(prior, network)
    named = tuple(rows) or (("posterior",) if given is not None and head is None else ())
    held_delta, own, others, within = divided(named, shares, delta)
    _require_means(own, network, given, head, seen)
    plan = Plan(network.name, tuple(parts), seed=seed, delta=held_delta, rows=others, shares=within)
    source = Source(network.name, lambda: Answering(network, layout, outputs), seen)
    made = certify_rows(table, source, plan, groups=groups, allow_copies=allow_copies, announce=announce).certificate
    announce("held-out rows: certified")
    ground = ground_of(network, layout, table, made.plan, seen, groups, allow_copies)
    blank = OwnNetworkCertificate(facts_of(network, outputs), layout, delta, made, None, None, None, parameters)
    base_saw = row_numbers(prior_saw, len(x), "prior_saw")
    record, code = blank, None
    if "code" in own:
        kept, code = _code(ground, given, base_saw, own["code"], announce)
        record = dataclasses.replace(record, code=kept)
    if "posterior" in own:
        kept = _posterior(ground, given, base_saw, own["posterior"], loss, parameters, draws, announce)
        record = dataclasses.replace(record, posterior=kept)
    if "head" in own:
        record = dataclasses.replace(record, head=_head(ground, given, base_saw, own["head"], head))
    return NetworkCertified(record, code)


def require_unseen(groups: NDArray[np.int64], seen: NDArray[np.int64], fewest: int) -> None:
    """Refuse where hardly a group is left that the network has not seen.

    Args:
        groups: shape (n,), of each row.
        seen: numbers of the rows that the network has seen.
        fewest: groups that must be left.

    Raises:
        InputError: saying how many are left.
    """
    left = np.setdiff1d(groups, groups[seen]).size
    if left < fewest:
        raise InputError(
            f"at least {fewest} rows must be unseen by the network, of which none is a copy, or of the group, of a row "
            f"that it has seen: {left} are left"
        )


def _require_means(own: Mapping[str, float], net: Network, prior: Any, head: Any, seen: NDArray[np.int64]) -> None:
    """Refuse rows that cannot be made, before any work.

    Raises:
        InputError: naming what is missing.
    """
    if own and not seen.size:
        raise InputError(f"the row {next(iter(own))} counts rows that trained the network: name them (--saw, saw=)")
    if own and (place := numbers_elsewhere(net)):
        raise InputError(
            f"the row {next(iter(own))} must know every number of the network: those of {place!r} are in no floating "
            "array"
        )
    if "posterior" in own and prior is None:
        raise InputError("the row posterior needs a prior: a checkpoint from before these rows (--prior, prior=)")
    if "posterior" in own and net.framework not in ("torch", "jax"):
        raise InputError(f"the row posterior needs gradients: a network of torch or JAX, got {net.framework}")
    if "head" in own and (prior is None or head is None):
        raise InputError("the row head needs the pretrained network and its last layer (--prior and --head)")


def read_prior(prior: Prior, net: Network) -> dict[str, NDArray[np.float64]]:
    """The arrays of a checkpoint, held against those of the network.

    Args:
        prior: arrays by name, a file of them, or a network.
        net: whose arrays they must fit.

    Raises:
        InputError: if one is missing, of another shape or not finite.
    """
    shapes = shapes_of(net)
    found = _arrays(prior)
    for name, shape in shapes.items():
        if name not in found:
            raise InputError(f"the prior lacks the array {name!r}; it has {', '.join(list(found)[:8]) or 'none'}")
        if np.shape(found[name]) != tuple(shape):
            raise InputError(f"the prior's array {name!r} must have shape {tuple(shape)}, got {np.shape(found[name])}")
        if not np.all(np.isfinite(found[name])):
            raise InputError(f"the prior's array {name!r} must be finite")
    return {name: np.asarray(found[name], np.float64) for name in shapes}


def _arrays(prior: Prior) -> dict[str, NDArray[Any]]:
    if isinstance(prior, str | Path) and Path(prior).suffix == ".npz":
        return read_archive(Path(prior))
    if isinstance(prior, Mapping):
        return {str(name): _plain(array) for name, array in prior.items()}
    return arrays_of(wrap(prior))


def _plain(array: Any) -> NDArray[Any]:
    return np.asarray(array.detach().cpu() if callable(getattr(array, "detach", None)) else array)


def ground_of(
    net: Any, layout: Layout, rows: Rows, plan: Plan, seen: NDArray, groups: ArrayLike | None, allow: bool
) -> Ground:
    """What every row stands on, from a plan that was carried out.

    Args:
        net: the trained network, or None.
        layout: of the rows.
        rows: as numbers.
        plan: with its seed and parts.
        seen: numbers of the rows that the network has seen.
        groups: shape (n,), group of each row; None if only copies belong together.
        allow: whether equal rows count one by one.
    """
    numbers = grouped_rows(rows.x, rows.truth, MINIMUM_ROWS, groups, allow).numbers
    split = drawn_parts(plan, numbers, rows.truth, seen)
    return Ground(net, layout, rows, numbers, split, seen, plan.seed or 0)


def _code(
    ground: Ground,
    base: Mapping[str, NDArray] | None,
    base_saw: NDArray[np.int64],
    delta: float,
    announce: Callable[[str], object],
) -> tuple[CodeRecord, bytes]:
    """The row of a code on the rows that the network has seen, and the file."""
    certify_on = ground.counted(base_saw if base is not None else base_saw[:0])
    coder = Coder(ground.net, ground.layout, ground.rows.x, ground.rows.truth, arrays_of(ground.net), base)
    code, scheme = best_code(coder, certify_on, ground.seed, announce)
    row = code_row(coder, code, certify_on, ground.test, delta)
    announce("code: written, read back and counted")
    digest = "" if base is None else arrays_digest(dict(base))
    saw = base_saw if base is not None else base_saw[:0]
    return CodeRecord(row, scheme.spoken, len(code), hashlib.sha256(code).hexdigest(), "", digest, saw), code


def _posterior(
    ground: Ground,
    prior: dict[str, NDArray] | None,
    prior_saw: NDArray[np.int64],
    delta: float,
    loss: Callable[..., Any] | None,
    parameters: str,
    draws: int,
    announce: Callable[[str], object],
) -> PosteriorRecord:
    """The PAC-Bayes row.

    Raises:
        InputError: if arrays that are not moved differ from the prior's.
    """
    assert prior is not None
    certify_on = ground.counted(prior_saw)
    arrays = arrays_of(ground.net)
    moved = [block.name for block in blocks_of(ground.net.shapes(), parameters)]
    if fixed := [name for name in arrays if name not in moved and not np.array_equal(arrays[name], prior[name])]:
        why = "" if fixed[0] in ground.net.shapes() else "; it is frozen or a buffer, such as of batch normalisation"
        raise InputError(
            f"parameters {parameters!r} must name every array that differs from the prior, {fixed[0]!r} does{why}"
        )
    centre = {name: np.asarray(arrays[name], np.float64) for name in moved}
    cloud = Cloud(ground.net, ground.layout, ground.rows.x, ground.rows.truth, centre)
    some = np.random.default_rng([ground.seed, 14]).permutation(certify_on)[:CURVED]
    data = (ground.layout.inputs(ground.rows.x[some]), ground.rows.truth[some])
    curved = objective(ground.net, loss or cross_entropy(ground.net), data, parameters)
    return posterior_row(
        cloud,
        prior,
        curved,
        certify_on,
        ground.test,
        delta,
        ground.seed,
        draws=draws,
        prior_sha256=arrays_digest(prior),
        prior_saw=prior_saw,
        announce=announce,
    )


def _head(
    ground: Ground,
    prior: dict[str, NDArray] | None,
    prior_saw: NDArray[np.int64],
    delta: float,
    named: Head | str | None,
) -> HeadRecord:
    """The row of a last layer.

    Raises:
        InputError: if something below it was trained too.
    """
    assert prior is not None
    assert named is not None
    arrays = arrays_of(ground.net)
    head = read_head(named, arrays)
    require_pretrained(head, arrays, prior)
    x, codes, certify_on = ground.rows.x, ground.rows.truth, ground.counted(prior_saw)
    outputs = len(ground.rows.kinds if ground.rows.kinds is not None else ())
    features = head_inputs(ground.net, ground.layout, x[certify_on], head)
    weights, centre = (head_matrix(head, held, outputs) for held in (arrays, prior))
    require_same_scores(features, weights, ground.net, ground.layout, x[certify_on])
    test = wrong(scores_of(ground.net, ground.layout, x[ground.test]), codes[ground.test])
    row = head_row(features, codes[certify_on], weights, centre, test, delta)
    return HeadRecord(row, head.weight, head.bias, arrays_digest(prior), prior_saw)
