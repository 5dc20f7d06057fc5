"""How long a user waits before anything happens: one JSON line per case, best of several runs.

python benchmarks/startup.py
"""

import json
import subprocess
import sys
import time

RUNS = 9
CASES = {
    "python": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import fathometer.evidence": ["-c", "import fathometer.evidence"],
    "fathometer --help": ["-m", "fathometer", "--help"],
    "fathometer deep-linear --help": ["-m", "fathometer", "deep-linear", "--help"],
    "fathometer theorems list": ["-m", "fathometer", "theorems", "list"],
}


def seconds(arguments: list[str]) -> float:
    """Time one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print each case with its ratio to the bare interpreter."""
    best = {name: min(seconds(arguments) for _ in range(RUNS)) for name, arguments in CASES.items()}
    for name, value in best.items():
        print(
            json.dumps({"case": name, "seconds": round(value, 4), "ratio_to_python": round(value / best["python"], 1)})
        )


if __name__ == "__main__":
    main()
