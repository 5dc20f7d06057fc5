"""Small computations for tests: functions of a module, so that other processes can import them."""

import math
import os
import signal
import time
from pathlib import Path

import numpy as np

from fathometer.evidence import AtMost, Estimate, InputError, judge
from fathometer.study import Choice, Column, Computation, Computed, Numbers, Real, Switch, Whole, file_at

PARAMETERS = {
    "beta": Real(-100.0, 100.0, 1.0),
    "n": Whole(1, 1000, 3),
    "model": Choice(("sa", "usa"), "sa"),
    "flag": Switch(),
    "rows": Numbers(5),
}
COLUMNS = {
    "total": Column(float, "beta times n plus seed"),
    "count": Column(int, "n plus seed"),
    "even": Column(bool, "whether n plus seed is even"),
    "word": Column(str, "the model"),
}


def add(parameters, seed):
    """Return a little of every kind, with an array as long as n."""
    beta, n = parameters["beta"], parameters["n"]
    values = {"total": beta * n + seed, "count": n + seed, "even": (n + seed) % 2 == 0, "word": parameters["model"]}
    verdict = judge(AtMost(10.0), Estimate.exact(beta * n), "at_most_ten")
    return Computed(values, (verdict,), {"steps": beta * np.arange(n, dtype=float) + seed})


def poisoned(parameters, seed):
    """Return a little, unless the model says otherwise."""
    match parameters["model"]:
        case "raise":
            raise InputError("beta must be positive")
        case "exit":
            os._exit(7)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "leave":
            raise SystemExit(3)
        case "hang":
            time.sleep(3600)
        case "eat":
            held = []
            while True:
                held.append(np.ones(2**21))  # 16 MB
                time.sleep(0.002)
        case "columns":
            return Computed({"total": 1.0, "more": 2.0})
        case "kind":
            return Computed({"total": "many"})
        case "foreign":
            return Computed({"total": 1.0, "foreign": lambda: 1})
        case "shape":
            return Computed({"total": 1.0}, (), {"steps": np.ones((2, 2))})
    return Computed({"total": parameters["n"] + seed}, (), {"steps": np.ones(3)})


def slow(parameters, seed):
    """Return a little after a while."""
    time.sleep(parameters["beta"])
    return Computed({"total": parameters["n"] + seed})


def busy(parameters, seed):
    """Keep one processor busy for a while that does not depend on the others."""
    total = 0.0
    for k in range(int(parameters["n"]) * 10_000):
        total += math.sin(k)
    return Computed({"total": total})


def leaking(parameters, seed, held=[]):  # noqa: B006
    """Keep memory that no cell needs."""
    held.append(np.ones(parameters["n"] * 2**17))  # n MB
    return Computed({"total": float(os.getpid())})


def sized(parameters, seed):
    """Return how many bytes a file has."""
    return Computed({"total": float(len(Path(parameters["name"]).read_bytes()))})


class Name:
    """A name of a file."""

    default = ""

    def read(self, name, value):
        """Return the name.

        Raises:
            InputError: if it is none.
        """
        if not isinstance(value, str):
            raise InputError(f"{name} must be a name, got {value!r}")
        return value


TOTAL = {"total": Column(float, "a number")}
POISONS = ("none", "raise", "exit", "kill", "leave", "hang", "eat", "columns", "kind", "foreign", "shape")
ADD = Computation("add", "Adds.", PARAMETERS, add, COLUMNS, {"steps": ("step",)})
POISONED = Computation(
    "poisoned",
    "May fail.",
    {"model": Choice(POISONS, "none"), "n": PARAMETERS["n"]},
    poisoned,
    {"total": Column(float, "a number")},
    {"steps": ("step",)},
)
SLOW = Computation("slow", "Sleeps.", {"beta": Real(0, 60, 0), "n": Whole(0, 10**6, 1)}, slow, TOTAL)
BUSY = Computation("busy", "Counts.", {"n": Whole(1, 10**6, 1)}, busy, TOTAL)
LEAKING = Computation("leaking", "Leaks.", {"n": Whole(1, 1000, 1)}, leaking, TOTAL)
SIZED = Computation("sized", "Counts bytes.", {"name": Name()}, sized, TOTAL, files={"name": file_at})

_KNOWN = {one.name: one for one in (ADD, POISONED, SLOW, BUSY, LEAKING, SIZED)}


def find(name):
    """Return a computation by its name.

    Raises:
        InputError: if there is none.
    """
    if name not in _KNOWN:
        raise InputError(f"no computation is called {name!r}; known: {', '.join(_KNOWN)}")
    return _KNOWN[name]
