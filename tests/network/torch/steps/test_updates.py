"""The next update of an optimiser, its edge and its preconditioner, without making the step."""

import copy

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network._network import blocks_of
from fathometer.network.curvature._objective_of import objective
from fathometer.network.steps._edge_rules import EdgeRule, Method
from fathometer.network.steps._of_network import critical_step
from fathometer.network.steps._preconditioner import edge_preconditioner
from fathometer.network.steps._torch_update import edge_rule, torch_direction
from tests.network.torch.steps._networks import classifier, data, loss, same

X, Y = data()
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, 0.1),
    "heavy ball": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, dampening=0.2, weight_decay=0.01),
    "nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, 1e-2, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, 1e-2),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 1e-2, momentum=0.5),
    "adagrad": lambda p: torch.optim.Adagrad(p, 1e-2),
    "ascent": lambda p: torch.optim.SGD(p, 0.1, maximize=True),
    "nadam": lambda p: torch.optim.NAdam(p, 1e-2),
}


def trained(name: str, steps: int = 3):
    """A network and an optimiser in the middle of a training, with fresh gradients."""
    model = classifier()
    optimizer = OPTIMIZERS[name](model.parameters())
    for number in range(steps + 1):
        optimizer.zero_grad()
        loss(model, X, Y).backward()
        if number < steps:
            optimizer.step()
    return model, optimizer


def flat(model) -> np.ndarray:
    return np.concatenate([p.detach().double().numpy().ravel() for p in model.parameters()])


def blocks(model):
    return blocks_of({name: tuple(p.shape) for name, p in model.named_parameters()})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_is_what_the_step_then_takes_off(name):
    model, optimizer = trained(name)
    state, before = copy.deepcopy(optimizer.state_dict()), copy.deepcopy(model)
    grads = [p.grad.clone() for p in model.parameters()]
    direction = torch_direction(optimizer, model, blocks(model))
    assert same(model, before)
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert str(optimizer.state_dict()) == str(state)
    at = flat(model)
    optimizer.step()
    np.testing.assert_allclose(direction.taken * direction.vector, at - flat(model), rtol=2e-3, atol=2e-7)


def test_groups_keep_their_proportions():
    model, _ = trained("sgd")
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": 0.02}]
    direction = torch_direction(torch.optim.SGD(groups), model, blocks(model))
    gradient = np.concatenate([p.grad.numpy().ravel() for p in model.parameters()])
    first = sum(p.numel() for p in model[0].parameters())
    assert direction.taken == 0.1
    np.testing.assert_allclose(direction.vector[:first], gradient[:first], rtol=1e-6)
    np.testing.assert_allclose(direction.vector[first:], 0.2 * gradient[first:], rtol=1e-6)


def test_a_schedule_and_hooks_are_not_touched():
    model, optimizer = trained("sgd")
    calls = []
    optimizer.register_step_pre_hook(lambda *_: calls.append(1))
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    torch_direction(optimizer, model, blocks(model))
    assert calls == []
    optimizer.step()
    schedule.step()
    assert calls == [1]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("sgd", EdgeRule.descent()),
        ("heavy ball", EdgeRule(Method.HEAVY_BALL, 0.9, 0.2, 0.01)),
        ("nesterov", EdgeRule.nesterov(0.9)),
        ("adam", EdgeRule.adam(0.9)),
        ("adamw", EdgeRule.adam(0.9, decoupled=0.01)),
        ("ascent", None),
        ("rmsprop", EdgeRule.rmsprop(0.5)),
        ("adagrad", None),
    ],
)
def test_edges_by_kind(name, rule):
    assert edge_rule(OPTIMIZERS[name](classifier().parameters())) == rule


def test_the_preconditioner_turns_the_average_gradient_into_adams_step():
    model = classifier()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2, betas=(0.8, 0.95), eps=1e-6)
    of, rule = objective(model, loss, (X, Y)), edge_rule(optimizer)
    assert edge_preconditioner(of, optimizer, rule) is None
    for _ in range(4):
        optimizer.zero_grad()
        loss(model, X, Y).backward()
        before = flat(model)
        optimizer.step()
    average = np.concatenate([optimizer.state[p]["exp_avg"].double().numpy().ravel() for p in model.parameters()])
    step = 1e-2 * average / edge_preconditioner(of, optimizer, rule)
    np.testing.assert_allclose(before - flat(model), step, rtol=1e-3, atol=2e-7)


def test_the_critical_step_of_plain_descent_is_that_of_the_gradient():
    model = classifier().eval()
    by_gradient = critical_step(model, loss, (X, Y))
    by_optimizer = critical_step(model, loss, (X, Y), torch.optim.SGD(model.parameters(), 0.1))
    assert by_optimizer.step.value == pytest.approx(by_gradient.step.value, rel=1e-3)
    assert by_optimizer.taken == 0.1
    assert by_optimizer.ratio.value == pytest.approx(0.1 / by_gradient.step.value, rel=1e-3)
    assert by_gradient.passes <= 12
    assert loss_after(model, by_gradient.step.lower) < by_gradient.loss < loss_after(model, by_gradient.step.upper)


def loss_after(model, step: float) -> float:
    """The loss after a step of gradient descent, in float64."""
    moved = copy.deepcopy(model).double()
    value = loss(moved, X.double(), Y)
    value.backward()
    with torch.no_grad():
        for p in moved.parameters():
            p -= step * p.grad
        return float(loss(moved, X.double(), Y))


def test_momentum_changes_the_direction():
    model, optimizer = trained("nesterov")
    gradient, momentum = critical_step(model, loss, (X, Y)), critical_step(model, loss, (X, Y), optimizer)
    assert momentum.step.upper < gradient.step.lower


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda m: (torch.optim.SGD(m.parameters(), 0.0), True), "learning rate must be > 0"),
        (lambda m: (torch.optim.LBFGS(m.parameters()), True), "LBFGS must make a step without a closure"),
        (lambda m: (torch.optim.SGD(m.parameters(), 0.1), False), "must have gradients"),
    ],
)
def test_what_cannot_be(prepare, message):
    model = classifier()
    optimizer, graded = prepare(model)
    if graded:
        loss(model, X, Y).backward()
    with pytest.raises(InputError, match=message):
        torch_direction(optimizer, model, blocks(model))


def test_an_optimiser_needs_a_network_of_its_framework():
    optimizer = torch.optim.SGD(classifier().parameters(), 0.1)
    with pytest.raises(InputError, match="must come with a network of torch, got jax"):
        critical_step(
            (lambda p, x: x @ p, np.ones((10, 3))),
            lambda m, x, y: (m(x) ** 2).mean(),
            (X.numpy(), Y.numpy()),
            optimizer,
        )
