"""What learning with Wasserstein distances costs: one JSON line per case, ratios within the same run.

python benchmarks/wasserstein_learning.py [priors] [rounds] [table DIR]

`table` takes the folder that `fathometer certify fetch DIR` filled.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from fathometer.data import load_public_set
from fathometer.generalization.learning.wasserstein import PUBLISHED_SETS, Network, Options, learn_batch, learn_online
from fathometer.generalization.learning.wasserstein._batch import Lesson, blocks, train_copies
from fathometer.generalization.learning.wasserstein._network import copies
from fathometer.generalization.learning.wasserstein._reproduce import Experiment, run_experiment
from fathometer.numerics import prepare_jax

M, INPUTS, CLASSES = 5000, 16, 10


def seconds(run: Callable[[], Any], repeats: int = 2) -> float:
    """Best time of several calls, after one that compiles."""
    jax.block_until_ready(run())
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(run())
        best = min(best, time.perf_counter() - start)
    return best


def sample(m: int = M, inputs: int = INPUTS) -> tuple[np.ndarray, np.ndarray]:
    """Points on the unit sphere with labels that a linear model nearly explains."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(m, inputs))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x.astype(np.float32), np.argmax(x @ rng.normal(size=(inputs, CLASSES)), axis=1)


def priors() -> Iterator[dict[str, Any]]:
    """K priors at once against the same compiled code one prior at a time, over K; 500 steps.

    Yields:
        One record for each model and K.
    """
    x, y = (jnp.asarray(values) for values in sample())
    options, key = Options(steps=500), jax.random.key(0)
    for model, counts in (("linear", (4, 16, 64)), ("nn", (4,))):
        network = Network.named(model, INPUTS, CLASSES)
        steps = options if model == "linear" else Options(steps=50)
        start = network.initial(key, False)
        for count in counts:
            seen = jnp.asarray(blocks(M, count, True)[:, None] != np.arange(count))

            def train(part: jax.Array, network=network, steps=steps, start=start) -> Any:
                many = copies(start, part.shape[1])
                none = jax.tree.map(lambda leaf: leaf[:0], many)
                pull = jnp.zeros((part.shape[1], 0), jnp.float32)
                return train_copies(many, Lesson(x, y, part, none, pull, key), network, steps)

            def one_by_one(seen=seen, count=count, train=train) -> Any:
                return [train(seen[:, i : i + 1]) for i in range(count)]

            together, loop = seconds(lambda seen=seen, train=train: train(seen)), seconds(one_by_one)
            yield {
                "case": "priors",
                "model": model,
                "K": count,
                "seconds": together,
                "loop over priors": loop,
                "ratio": loop / together,
            }


def rounds() -> Iterator[dict[str, Any]]:
    """Cost of Algorithm 1 and of Algorithm 2 over the number of rows and of features; 500 steps and all rounds.

    Yields:
        One record for each size.
    """
    for m, inputs in ((1000, 16), (4000, 16), (4000, 64), (4000, 256)):
        x, y = sample(m, inputs)
        network = Network.named("linear", inputs, CLASSES)
        batch = seconds(lambda x=x, y=y, n=network: learn_batch(n, x, y, 10, Options(steps=500)).posteriors)
        online = seconds(lambda x=x, y=y, n=network: learn_online(n, x, y, x, y, Options()))
        yield {"case": "cost", "m": m, "d": CLASSES * (inputs + 1), "batch": batch, "online": online}


def table(folder: Path) -> Iterator[dict[str, Any]]:
    """Seconds of the published linear table, by set and setting, compilation included.

    Yields:
        One record for each set and setting.
    """
    for name in PUBLISHED_SETS:
        data = load_public_set(name, folder)
        for setting in ("batch", "online"):
            found = run_experiment(Experiment(name, setting, as_published=True), data)
            yield {"case": "table", "set": name, "setting": setting, "m": found["rows"], "seconds": found["seconds"]}


def main(arguments: list[str]) -> None:
    """Run the named cases, or all that need no data."""
    prepare_jax()
    chosen = arguments or ["priors", "rounds"]
    cases = {"priors": priors, "rounds": rounds}
    for name in chosen:
        if name in cases:
            for line in cases[name]():
                print(json.dumps(line), flush=True)
    if "table" in chosen:
        for line in table(Path(chosen[chosen.index("table") + 1])):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
