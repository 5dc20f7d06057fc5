import subprocess
import sys

SHOW = "import sys, fathometer.evidence; print(*sorted({name.split('.')[0] for name in sys.modules}))"


def test_the_spine_loads_numpy_and_the_standard_library_only():
    """What keeps its import under 0.2 s; `benchmarks/startup.py` measures it."""
    loaded = subprocess.run([sys.executable, "-I", "-c", SHOW], check=True, capture_output=True, text=True).stdout
    foreign = {name for name in loaded.split() if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign == {"fathometer", "numpy"}
