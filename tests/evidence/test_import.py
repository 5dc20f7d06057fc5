import subprocess
import sys

HEAVY = {"jax", "scipy", "equinox", "matplotlib", "typer", "rich", "sklearn", "pyarrow"}
SHOW = "import sys, fathometer.evidence; print(*sorted({name.split('.')[0] for name in sys.modules}))"


def test_the_spine_needs_only_numpy():
    loaded = subprocess.run([sys.executable, "-c", SHOW], check=True, capture_output=True, text=True).stdout.split()
    assert not HEAVY & set(loaded)


def test_the_spine_is_imported_quickly():
    code = "import time; t = time.perf_counter(); import fathometer.evidence; print(time.perf_counter() - t)"
    run = [sys.executable, "-c", code]
    times = [float(subprocess.run(run, check=True, capture_output=True, text=True).stdout) for _ in range(5)]
    assert min(times) < 0.2, times
