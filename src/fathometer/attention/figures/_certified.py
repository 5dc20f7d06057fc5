"""Charts of a collapse that is certified: the width of the cloud below its bound, and the last approach."""

import numpy as np

from fathometer.attention.dynamics.certified import CertifiedCollapse
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.hemisphere._known_cloud import KnownCloud
from fathometer.attention.observables._late_rate import late_rate, late_widths
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.observables.clusters._gaps import diameter
from fathometer.attention.predictions.hemisphere._cone_time import chart_width
from fathometer.attention.predictions.hemisphere._known_cloud import certified_course
from fathometer.evidence import AxisKind, Estimate, Trajectory, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, Role, level

_SHARE = 0.03
"""Width at which the certified line ends, in units of the chord of one cluster."""


def certified_figure(name: str, run: Trajectory, certified: CertifiedCollapse, late: Trajectory | None) -> Figure:
    """Draw the width of the cloud with its certified bound, and the last approach with its slope.

    Args:
        name: of the figure.
        run: of plain tokens, along time or log time, with states "points".
        certified: what it certifies.
        late: the last approach; None if there is none to draw.
    """
    charts = (width_chart(run, certified), *(() if late is None else (late_chart(late),)))
    rows = (
        *(() if certified.cloud is None else (_time_row(run, certified),)),
        *(() if late is None else (Comparison("rate of the last approach", "1", str(late.measure(late_rate))),)),
    )
    times = _log_times(run)
    data = {"log_times": times, "diameter": diameter(run.states["points"])}
    return Figure(name, charts, rows, data, title="Collapse, certified and seen")


def width_chart(run: Trajectory, certified: CertifiedCollapse) -> Chart:
    """Chart the largest chord along a run, and the lines below which it is certified to be.

    Args:
        run: as for `certified_figure`.
        certified: what it certifies.
    """
    times = _log_times(run)
    seen = run.measure(lambda way: Estimate.exact(np.maximum(diameter(way.states["points"]), 1e-16)))
    shown = np.isfinite(times) & (np.asarray(seen.value) > 1e-9)
    value, lower, upper = (np.maximum(np.asarray(end)[shown], 1e-12) for end in (seen.value, seen.lower, seen.upper))
    measured = Estimate.heuristic(value, lower, upper)
    clouds = {} if certified.cloud is None or certified.first is None else {"at best": certified.cloud}
    if certified.first is not None and certified.first is not certified.cloud:
        clouds["at first"] = certified.first
    curves = (
        *(_bound(f"certified, {when}", cloud, i + 1) for i, (when, cloud) in enumerate(clouds.items())),
        Curve("largest chord", times[shown], measured, Role.MEASURED),
    )
    chord = default_resolution(ParticleSystem.expect(run.problem).beta)
    ends = np.concatenate([np.asarray(curve.x, float) for curve in curves])
    ends = ends if len(ends) else times[np.isfinite(times)]  # tokens in one point have no width to draw
    title = "Width of the cloud" if clouds else "Width of the cloud: nothing is certified"
    label = "largest distance of two tokens"
    return Chart(title, "natural log of time", label, (*curves, level("one cluster", ends, chord)), log_y=True)


def late_chart(late: Trajectory) -> Chart:
    """Chart the width of one cluster in plain time, beside a line of slope -1.

    Args:
        late: one cluster from its start.
    """
    times, widths = late.axis.points, late_widths(late)
    rate = late.measure(late_rate)
    curves = (
        Curve("slope -1", times, widths[0] * np.exp(-times), Role.PREDICTED),
        Curve(f"width, slope -{rate.text(8)}", times, widths, Role.MEASURED, 1),
    )
    return Chart("The last approach", "time (units of the model)", "width of the cluster", curves, log_y=True)


def _bound(label: str, cloud: KnownCloud, group: int) -> Curve:
    """Chords below which the tokens are certified to be, in log time."""
    course = certified_course(cloud, _SHARE * chart_width(default_resolution(cloud.system.beta)))
    shown = np.isfinite(course.log_times)
    widths, log_times = course.widths[shown], course.log_times[shown]
    thin = np.unique(np.linspace(0, len(widths) - 1, 300).astype(int)) if len(widths) else []
    return Curve(label, log_times[thin], (widths / np.sqrt(1 + widths**2 / 4))[thin], Role.PREDICTED, group)


def _time_row(run: Trajectory, certified: CertifiedCollapse) -> Comparison:
    met = run.event("1 clusters")
    with np.errstate(divide="ignore"):
        value = met.value if run.axis.kind is AxisKind.LOG_TIME else np.log(met.value)
    seen = f"{float(value):.6g}" if np.isfinite(value) else "not yet"
    return Comparison("log time of one cluster", f"at most {text_up(certified.log_time)}", seen)


def _log_times(run: Trajectory) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return run.axis.points if run.axis.kind is AxisKind.LOG_TIME else np.log(run.axis.points)
