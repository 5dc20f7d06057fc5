"""Which theorem rests on which, as a drawing."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fathometer.evidence import InputError, Theorem
from fathometer.report.panels._charts import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRAPH_FORMS = ("svg", "dot")
_SWEEPS, _ROW, _COLUMN = 8, 0.19, 2.3  # sweeps against crossings; inches of a line and of a column


def theorem_graph(theorems: Sequence[Theorem], form: str) -> bytes:
    """Draw the theorems that use others or are used, by theory; an arrow leads from what is used to what uses it.

    Args:
        theorems: all of them; ids that they use and that are not among them are left out.
        form: svg, or dot for Graphviz.

    Raises:
        InputError: if the form is another one.
    """
    if form not in GRAPH_FORMS:
        raise InputError(f"format must be one of {', '.join(GRAPH_FORMS)}, got {form!r}")
    groups = {
        theory: {theorem.id: theorem.uses for theorem in theorems if theorem.theory == theory}
        for theory in dict.fromkeys(theorem.theory for theorem in theorems)
    }
    return _dot(groups).encode() if form == "dot" else _svg(groups)


def _dot(groups: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    lines = ["digraph theorems {", "  rankdir=LR;", "  node [shape=box];"]
    for theory, uses in groups.items():
        nodes = "".join(f"    {name};\n" for name in uses)
        lines.append(f'  subgraph cluster_{theory} {{\n    label="{theory}";\n{nodes}  }}')
    lines += [
        f"  {used} -> {user};" for uses in groups.values() for user, all_used in uses.items() for used in all_used
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _svg(groups: Mapping[str, Mapping[str, Sequence[str]]]) -> bytes:
    import matplotlib
    from matplotlib.figure import Figure

    panels = {theory: columns(uses) for theory, uses in groups.items()}
    heights = [max(map(len, panel)) * _ROW + 0.5 for panel in panels.values()]
    width = max(len(panel) for panel in panels.values()) * _COLUMN
    with matplotlib.rc_context({**STYLE, "font.size": 7.0, "axes.grid": False}):
        figure = Figure(figsize=(width, sum(heights)))
        axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights}).ravel()
        for one, (theory, panel) in zip(axes, panels.items(), strict=True):
            _draw(one, theory, panel, groups[theory], width / _COLUMN)
        data = io.BytesIO()
        figure.savefig(data, format="svg", metadata={"Date": None})
    return data.getvalue()


def _draw(
    axes: "Axes", theory: str, panel: Sequence[Sequence[str]], uses: Mapping[str, Sequence[str]], width: float
) -> None:
    rows = max(map(len, panel))
    places = {
        name: (float(x), -(y + 0.5) * rows / len(column))
        for x, column in enumerate(panel)
        for y, name in enumerate(column)
    }
    for user, all_used in uses.items():
        for used in all_used:
            if used in places:
                arrow = {"arrowstyle": "->", "color": "0.45", "linewidth": 0.6, "shrinkA": 2, "shrinkB": 2}
                ends = (places[user][0] - 0.01, places[user][1]), (places[used][0] + _length(used), places[used][1])
                axes.annotate("", xy=ends[0], xytext=ends[1], arrowprops=arrow)
    for name, (x, y) in places.items():
        axes.text(x, y, name, ha="left", va="center", bbox={"fc": "white", "ec": "none", "pad": 0.5})
    axes.set(xlim=(-0.05, width), ylim=(-rows - 0.5, 0.5))
    axes.set_title(f"{theory}: what is used stands left of what uses it", loc="left")
    axes.axis("off")


def _length(name: str) -> float:
    """Width of a name, in columns."""
    return 0.0265 * len(name) + 0.01


def columns(uses: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Put names into columns: each right of all that it uses, and near them; those without any relation come last.

    Args:
        uses: by name, the names that it uses.

    Raises:
        InputError: if names use each other in a circle.
    """
    known = {name: [used for used in all_used if used in uses] for name, all_used in uses.items()}
    related = {name for name, all_used in known.items() if all_used} | {
        u for all_used in known.values() for u in all_used
    }
    depth: dict[str, int] = {}
    for name in known:
        _deepen(name, known, depth, ())
    levels = range(max(depth.values(), default=0) + 1)
    ordered = [[name for name in known if name in related and depth[name] == level] for level in levels]
    for _ in range(_SWEEPS):
        ordered = _nearer(ordered, known)
    alone = [name for name in known if name not in related]
    return [column for column in [*ordered, alone] if column]


def _deepen(name: str, uses: Mapping[str, Sequence[str]], depth: dict[str, int], path: tuple[str, ...]) -> int:
    if name in path:
        raise InputError(f"theorems use each other in a circle: {' -> '.join((*path, name))}")
    if name not in depth:
        depth[name] = max((1 + _deepen(used, uses, depth, (*path, name)) for used in uses[name]), default=0)
    return depth[name]


def _nearer(ordered: list[list[str]], uses: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The same columns, one after the other ordered by the mean place of the neighbours in all of them."""
    place = {name: (y + 0.5) / len(column) for column in ordered for y, name in enumerate(column)}
    near = {name: [*uses[name], *(user for user, all_used in uses.items() if name in all_used)] for name in place}
    moved = []
    for column in ordered:
        mean = {name: sum(map(place.__getitem__, near[name])) / len(near[name]) for name in column}
        moved.append(sorted(column, key=mean.__getitem__))
        place |= {name: (y + 0.5) / len(column) for y, name in enumerate(moved[-1])}
    return moved
