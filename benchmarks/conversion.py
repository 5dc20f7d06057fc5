"""Where a certificate that was converted from PAC-Bayes beats its parents: a JSON line for each set, regime and size.

python benchmarks/conversion.py FOLDER [--sets breast_cancer,digits_8] [--regimes linear,head] [--sizes 300,3000]
python benchmarks/conversion.py --tables LINES.jsonl

FOLDER holds the public sets, as `fathometer certify fetch` writes them; breast_cancer and digits come with
scikit-learn. The second form prints the lines as tables in Markdown.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits

from fathometer.data import load_public_set
from fathometer.evidence import text_up
from fathometer.generalization.learning.conversion import (
    CONVERTED,
    REGIMES,
    SCEPTIC,
    UNIFORM,
    ConversionLine,
    conversion_lines,
)

Problem = tuple[NDArray, NDArray]

MOST = 12_000
"""Rows of MNIST that are taken, drawn at random."""

PARENTS = ("over_uniform", "over_twin", "over_twice")


def _sklearn(load: Callable[..., Any]) -> Problem:
    return load(return_X_y=True)


def _public(name: str, folder: Path) -> Problem:
    found = load_public_set(name, folder)
    if len(found.labels) <= MOST:
        return found.features, found.labels
    rows = np.random.default_rng(0).permutation(len(found.labels))[:MOST]
    return found.features[rows], found.labels[rows]


def _against(problem: Problem, positive: Callable[[NDArray], NDArray]) -> Problem:
    return problem[0], positive(problem[1])


def _eight(labels: NDArray) -> NDArray:
    return labels == 8


def _odd(labels: NDArray) -> NDArray:
    return labels % 2 == 1


SETS: dict[str, Callable[[Path], Problem]] = {
    "breast_cancer": lambda _: _sklearn(load_breast_cancer),
    "digits_8": lambda _: _against(_sklearn(load_digits), _eight),
    "digits_odd": lambda _: _against(_sklearn(load_digits), _odd),
    "spambase": lambda folder: _public("spambase", folder),
    "magic": lambda folder: _public("magic", folder),
    "letter_a_to_m": lambda folder: _against(_public("letter", folder), lambda letters: letters < 13),
    "mnist_8": lambda folder: _against(_public("mnist", folder), _eight),
    "mnist_odd": lambda folder: _against(_public("mnist", folder), _odd),
}


def lines(
    folder: Path, sets: Sequence[str], regimes: Sequence[str], sizes: Sequence[int], seed: int
) -> Iterator[dict[str, Any]]:
    """One line for each model, as the table has them.

    Args:
        folder: with the public sets.
        sets: names in `SETS`.
        regimes: names in `REGIMES`.
        sizes: of the certificate part, beside all of its rows; those of a grid if empty.
        seed: of the split and of the networks.

    Yields:
        A line.
    """
    for name in sets:
        x, y = SETS[name](folder)
        for line in conversion_lines(x, y, regimes, seed=seed, sizes=sizes):
            yield {"set": name, "seed": seed} | described(line)


def described(line: ConversionLine) -> dict[str, Any]:
    """The numbers of a line, rounded up, with the best of each family and the ratios to the parents."""
    families = {"converted": CONVERTED, "uniform": UNIFORM, "nobody": SCEPTIC}
    best = {name: line.smallest(members) for name, members in families.items()}
    return {
        "regime": line.regime,
        "m": line.m,
        "prior_rows": line.prior_rows,
        "step": line.step,
        "distance": round(line.distance, 4),
        "delta": line.delta,
        "measured": round(line.measured, 4),
        **{name: [member, float(text_up(value, 4))] for name, (member, value) in best.items()},
        **{name: round(getattr(line, name)(), 3) for name in PARENTS},
        "values": {name: float(text_up(value, 4)) if value < 1 else 1.0 for name, value in line.values.items()},
    }


COLUMNS = {
    "output": "output_conversion",
    "margins": "margin_transport",
    "risk transp.": "risk_transport",
    "route A": "w1_route_a",
    "route B": "smooth_gauss",
    "B, own risk": "smooth_mean",
    "interp.": "kl_w1_interp",
    "chaining": "chain_gauss",
    "Rademacher": "rademacher_linear",
    "local Rad.": "w1_glm_local",
    "covering": "covering",
    "twin": "maurer_seeger",
    "twice": "twice_maurer_seeger",
    "held-out": "test_binomial",
    "prior's": "prior_binomial",
}


def tables(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Markdown: every bound where all rows certify, the best place of each set and regime, and what wins over m.

    Args:
        found: lines as they were printed.

    Yields:
        Lines of text.
    """
    yield from _every_bound(found)
    yield ""
    yield from _best_places(found)
    yield ""
    yield from _over_sizes(found)


def _every_bound(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield _row(["set", "regime", "m", "distance", "measured", *COLUMNS])
    yield _row(["---"] * (5 + len(COLUMNS)))
    for line in found:
        if line["m"] == _most(found, line) and line["step"] in (0.1, 1.0):
            values = dict(line["values"])
            values.setdefault("rademacher_linear", values.get("rademacher", 1.0))
            yield _row([*_place(line), *(_cell(values.get(name)) for name in COLUMNS.values())])


def _best_places(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield _row(["set", "regime", "parent", "smallest ratio", "m", "distance", "converted", "parent's value"])
    yield _row(["---"] * 8)
    for name, regime in dict.fromkeys((line["set"], line["regime"]) for line in found):
        own = [line for line in found if (line["set"], line["regime"]) == (name, regime) and line["step"] > 0]
        for ratio, parent in (("over_uniform", "uniform"), ("over_twin", "maurer_seeger")):
            best = min(own, key=lambda line: line[ratio])
            value = best["uniform"][1] if parent == "uniform" else best["values"][parent]
            label = "uniform convergence" if parent == "uniform" else "PAC-Bayes, twin"
            cells = [name, regime, label, f"{best[ratio]:.2f}", str(best["m"]), f"{best['distance']:.3f}"]
            yield _row([*cells, f"{best['converted'][1]:.3f} {best['converted'][0]}", _cell(value)])


def _over_sizes(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield _row(["set", "regime", "m", "distance", "measured", "converted", "uniform", "twin", "held-out"])
    yield _row(["---"] * 9)
    for line in found:
        if line["step"] in (0.1, 1.0):
            best = [f"{line[family][1]:.3f} {line[family][0]}" for family in ("converted", "uniform")]
            yield _row([*_place(line), *best, _cell(line["values"]["maurer_seeger"]), _cell(line["nobody"][1])])


def _most(found: Sequence[dict[str, Any]], line: dict[str, Any]) -> int:
    return max(other["m"] for other in found if other["set"] == line["set"] and other["regime"] == line["regime"])


def _place(line: dict[str, Any]) -> list[str]:
    return [line["set"], line["regime"], str(line["m"]), f"{line['distance']:.3f}", f"{line['measured']:.3f}"]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 1 else "-"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> None:
    """Print the lines, or the tables of lines that were stored."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--regimes", default=",".join(REGIMES))
    parser.add_argument("--sizes", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tables", type=Path)
    asked = parser.parse_args(arguments)
    if asked.tables is not None:
        sys.stdout.writelines(f"{row}\n" for row in tables(list(map(json.loads, asked.tables.open()))))
        return
    sizes = [int(size) for size in asked.sizes.split(",") if size]
    for line in lines(asked.folder, asked.sets.split(","), asked.regimes.split(","), sizes, asked.seed):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
