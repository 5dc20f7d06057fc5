"""Draw docs/architecture.svg from the imports: rooms from bottom to top, and which room uses which."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import grimp
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

PACKAGES = (
    ("evidence",),
    ("numerics", "data", "report", "study"),
    ("attention", "deep_linear", "generalization"),
    ("network", "catalogue"),
    ("computations",),
    ("tour", "app"),
    ("cli",),
)
ROOMS = {
    "attention": ("model", "observables", "predictions", "dynamics", "theorems", "verdicts", "figures"),
    "deep_linear": ("model", "observables", "predictions", "dynamics", "theorems", "verdicts", "figures"),
    "generalization": (
        "distances", "bounds", "ledger", "learning", "certificates", "coverage", "theorems", "figures",
    ),
    "network": ("adapters", "recording", "layers", "curvature", "steps", "certificates", "inspection"),
}  # fmt: skip


def import_counts(prefix: str, parts: Sequence[str]) -> Counter[tuple[str, str]]:
    """How many imports lead from a module in one part of a package to a module in another."""
    graph = grimp.build_graph("fathometer", cache_dir=None)
    counts: Counter[tuple[str, str]] = Counter()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            ends = [
                name.removeprefix(prefix + ".").split(".")[0] if name.startswith(prefix + ".") else None
                for name in (importer, imported)
            ]
            if ends[0] != ends[1] and all(end in parts for end in ends):
                counts[str(ends[0]), str(ends[1])] += 1
    return counts


def draw_layers(axes: Axes) -> None:
    """Packages as boxes, the spine at the bottom; an arrow points at what is used."""
    places = {
        name: ((k + 0.5) / len(row) * 3, level) for level, row in enumerate(PACKAGES) for k, name in enumerate(row)
    }
    for (importer, imported), count in import_counts("fathometer", tuple(places)).items():
        axes.annotate(
            "",
            xy=(places[imported][0], places[imported][1] + 0.2),
            xytext=(places[importer][0], places[importer][1] - 0.2),
            arrowprops={"arrowstyle": "->", "color": "0.55", "linewidth": 0.5 + min(count, 60) / 30},
        )
    for name, (x, y) in places.items():
        box = {"boxstyle": "round,pad=0.4", "fc": "white", "ec": "black"}
        axes.text(x, y, name, ha="center", va="center", bbox=box)
    axes.set(xlim=(0, 3), ylim=(-0.5, len(PACKAGES) - 0.5), title="packages: arrows point at what is used")
    axes.axis("off")


def draw_matrix(axes: Axes, theory: str) -> None:
    """Imports between the rooms of one theory; everything below the diagonal, so nothing runs backwards."""
    rooms = ROOMS[theory]
    counts = import_counts(f"fathometer.{theory}", rooms)
    axes.imshow([[counts[a, b] > 0 for b in rooms] for a in rooms], cmap="Greys", vmin=0, vmax=4)
    for i, importer in enumerate(rooms):
        for j, imported in enumerate(rooms):
            axes.text(j, i, counts[importer, imported] or "", ha="center", va="center", fontsize=8)
    axes.set_xticks(range(len(rooms)), rooms, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(rooms)), rooms, fontsize=8)
    axes.set(title=theory, xlabel="is used by the row (imports)")


def main() -> None:
    """Write the picture."""
    plt.rcParams.update({"svg.hashsalt": "fathometer", "svg.fonttype": "none"})
    figure = plt.figure(figsize=(17, 9), layout="constrained")
    grid = figure.add_gridspec(2, len(ROOMS))
    draw_layers(figure.add_subplot(grid[0, :]))
    for k, theory in enumerate(ROOMS):
        draw_matrix(figure.add_subplot(grid[1, k]), theory)
    figure.savefig(Path(__file__).parents[1] / "docs" / "architecture.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
