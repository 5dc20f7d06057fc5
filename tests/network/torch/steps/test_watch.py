"""Watched trainings of torch: undisturbed, within the overhead, kept and resumed."""

import math

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network.curvature._objective_of import objective
from fathometer.network.steps import Edge, Watch
from fathometer.network.steps._preconditioner import edge_preconditioner
from tests.network.torch.steps._networks import classifier, data, loss, same

X, Y = data()
KINDS = {
    "momentum": lambda p: torch.optim.SGD(p, 0.2, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, 1e-2),
}


def trained(watch: Watch | None, kind: str = "momentum", steps: int = 12, noisy: bool = True):
    """A training on shuffled mini-batches; its network, optimiser and the next random number."""
    model = classifier(noisy=noisy)
    optimizer = KINDS[kind](model.parameters())
    for _ in range(steps):
        rows = torch.randperm(len(X))[:40]
        optimizer.zero_grad()
        loss(model, X[rows], Y[rows]).backward()
        if watch is not None:
            watch.step(model, optimizer)
        optimizer.step()
    return model, optimizer, float(torch.rand(()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_watched_training_is_the_same_bit_for_bit(kind):
    watch = Watch(loss, (X, Y), every=3, overhead=math.inf, products=6)
    watch.bounds(X, Y)
    model, optimizer, drawn = trained(watch, kind)
    alone, other, expected = trained(None, kind)
    assert same(model, alone)
    assert str(optimizer.state_dict()) == str(other.state_dict())
    assert drawn == expected
    assert all(module.training for module in model.modules())
    assert [moment.step for moment in watch.history.moments] == [0, 3, 6, 9]
    assert all(not moment.note or "downhill" in moment.note for moment in watch.history.moments)


def test_gradients_are_the_very_tensors_that_were_there():
    model = classifier(noisy=True)
    loss(model, X, Y).backward()
    before = [p.grad for p in model.parameters()]
    copies = [grad.clone() for grad in before]
    Watch(loss, (X, Y), overhead=math.inf, products=6).step(model, torch.optim.SGD(model.parameters(), 0.1))
    assert all(p.grad is grad for p, grad in zip(model.parameters(), before, strict=True))
    assert all(torch.equal(grad, copy) for grad, copy in zip(before, copies, strict=True))


def test_numbers_are_those_of_the_full_hessian():
    watch = Watch(loss, (X, Y), every=5, overhead=math.inf, products=30, miss=1e-6)
    trained(watch, steps=1, noisy=False)
    first = watch.history.moments[0]
    fresh = classifier().eval()
    of = objective(fresh, loss, (X, Y))
    hessian = np.stack([of.product(unit.astype("f4")) for unit in np.eye(of.size)])
    largest = np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1]
    assert first.largest.lower <= largest <= first.largest.upper
    assert first.largest.value == pytest.approx(largest, rel=1e-3)
    assert first.loss.value == pytest.approx(of.loss(), rel=1e-6)
    assert first.edge.ratio.value == pytest.approx(0.2 * largest / 3.8, rel=1e-3)


def test_adams_edge_is_that_of_the_preconditioned_hessian():
    watch = Watch(loss, (X, Y), every=4, overhead=math.inf, products=30)
    model, optimizer, _ = trained(watch, "adam", steps=4, noisy=False)
    loss(model, X, Y).backward()
    watch.step(model, optimizer)
    start, later = watch.history.moments
    assert start.edge is None
    of = objective(model.eval(), loss, (X, Y))
    scale = 1 / np.sqrt(edge_preconditioner(of, optimizer, later.edge.rule))
    hessian = np.stack([scale * of.product((scale * unit).astype("f4")) for unit in np.eye(of.size)])
    largest = np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1]
    assert later.edge.largest.lower <= largest * (1 + 1e-5)
    assert largest <= later.edge.largest.upper * (1 + 1e-5)
    assert later.edge == Edge(1e-2, later.edge.rule, later.largest)
    assert later.edge.rule.factor == pytest.approx(38)


class Clock:
    """A tenth of a second at each reading."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


def test_the_overhead_holds_by_a_clock_of_our_own():
    clock = Clock()
    watch = Watch(loss, (X, Y), every=2, overhead=0.2, products=4, clock=clock)
    model = classifier()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    shares = []
    for _ in range(60):
        optimizer.zero_grad()
        loss(model, X, Y).backward()
        watch.step(model, optimizer)
        shares.append(watch.history.spent / max(watch.history.training, 1e-9))
        optimizer.step()
        clock.now += 1.0
    history = watch.history
    assert max(shares[2:]) <= 0.2
    assert len(history.moments) > 3
    assert history.skipped > 0
    assert len(history.moments) + history.skipped == 30
    assert f"{history.skipped} skipped" in history.summary()


def test_it_is_kept_after_every_look_and_goes_on(tmp_path):
    path = tmp_path / "watch.json"
    watch = Watch(loss, (X, Y), every=3, overhead=math.inf, products=5, save=path)
    trained(watch, steps=7)
    read = Watch.load(path)
    assert read.history.moments == watch.history.moments
    with pytest.raises(InputError, match="load it with a loss and a batch"):
        trained(read)
    more = Watch.load(path, loss, (X, Y), overhead=math.inf)
    assert (more.every, more.history.steps) == (3, 7)
    trained(more, steps=6)
    assert [moment.step for moment in more.history.moments] == [0, 3, 6, 9, 12]


def test_a_training_that_diverges_goes_on_with_a_note():
    watch = Watch(loss, (X, Y), overhead=math.inf, every=1, products=5)
    model = classifier()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for number in range(3):
        optimizer.zero_grad()
        loss(model, X, Y).backward()
        watch.step(model, optimizer)
        optimizer.step()
        if number == 1:
            with torch.no_grad():
                model[0].weight.fill_(math.nan)
    last = watch.history.moments[-1]
    assert math.isnan(last.loss.value)
    assert math.isnan(last.largest.value)
    assert "finite" in last.note


def test_a_loss_that_cannot_be_used_is_refused_at_the_first_look():
    model = classifier()
    loss(model, X, Y).backward()
    watch = Watch(lambda model, x, y: model(x).sum(dim=1), (X, Y), overhead=math.inf)
    with pytest.raises(InputError, match="loss must be"):
        watch.step(model, torch.optim.SGD(model.parameters(), 0.1))


def test_rows_that_were_not_seen_are_bounded_at_every_look():
    watch = Watch(loss, (X, Y), every=4, overhead=math.inf, products=5)
    unseen = data(400)
    watch.bounds(unseen[0][120:], unseen[1][120:], delta=0.1)
    trained(watch, steps=9, noisy=False)
    risks = [moment.risk for moment in watch.history.moments]
    assert [risk.confidence for risk in risks] == pytest.approx([1 - 0.1 / 2, 1 - 0.1 / 6, 1 - 0.1 / 12])
    assert risks[-1].upper < risks[0].value
