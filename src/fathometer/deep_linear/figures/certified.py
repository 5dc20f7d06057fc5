"""The certificate after the start: from when on convergence, rate and sharpness of the limit are proved."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.certified._moment import certified_index, rest_of_flow, state_error
from fathometer.deep_linear.dynamics.flow._flow import flow
from fathometer.deep_linear.dynamics.flow._flow_limit import flow_limit
from fathometer.deep_linear.model._curvature import whitened_kernel
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._network import Weights, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.deep_linear.predictions._rates import local_rates
from fathometer.deep_linear.predictions.certificate._certificate import Certificates, flow_certificates
from fathometer.deep_linear.theorems.certified import certified_convergence, certified_sharpness
from fathometer.evidence import Estimate, Trajectory, Verdict, text_down, text_ends, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level

DEPTH = 10
SCALE = 1.0
"""Of the start that is followed: far beyond what the theorem for the start allows."""
_MOST_OF_IT = 0.5  # share of the last rate at which a second certificate is drawn
SCALES = (0.0, 0.5, 1.0, 1.5, 2.0)
DRAWS, QUICK = 100, 20
_POINTS, _SEEN, _CONVERGENCE = 200, 40, 1e-14
_SMALL = 1e-4  # excess risk at the end of the way, over that at the start


class _Followed(NamedTuple):
    """One flow, certified at its points."""

    run: Trajectory
    found: Certificates
    weights: Weights

    @property
    def times(self) -> NDArray[np.float64]:
        return self.run.axis.points

    @property
    def first(self) -> int:
        """Number of the first certified point; the last one if there is none."""
        index = certified_index(self.run)
        return len(self.times) - 1 if index is None else index

    @property
    def certified(self) -> float:
        """Time of the certificate; inf without one."""
        return float(self.times[self.first]) if self.found.holds[self.first] else np.inf


def draw(settings: FigureSettings) -> Figure:
    """Follow flows of residual networks of the paper's size, and certify them on the way."""
    network = DeepLinear(paper_samples("overdetermined").regression, DEPTH, paper_readout())
    shown = _follow(network, SCALE, settings.seed)
    scaled = [_follow(network, scale, settings.seed) for scale in SCALES]
    draws = settings.runs(DRAWS, QUICK)
    times = np.array([_follow(network, SCALE, settings.seed + 1 + i).certified for i in range(draws)])
    limits = [flow_limit(network, tuple(matrix[0] for matrix in way.weights)) for way in (shown, *scaled)]
    sharpness = np.array([float(limit.sharpness.value) for limit in limits])
    rates = np.array([2 * float(local_rates(network, limit.weights).slowest) for limit in limits])
    charts = (
        _risk_chart(shown),
        _enclosure_chart(network, shown, sharpness[0]),
        _moment_chart(scaled),
        _rate_chart(scaled, rates[1:]),
        _share_chart(times),
    )
    data = _data(shown) | {"scales": np.array(SCALES), "times": times, "limits": sharpness, "rates": rates}
    rows = _rows(shown, scaled, sharpness, rates, times)
    return Figure("certified", charts, rows, data, _verdicts(shown, scaled))


def _follow(network: DeepLinear, scale: float, seed: int) -> _Followed:
    width = network.regression.dimension
    start = tuple(m[0] for m in Initial(InitialKind.RESIDUAL, scale).draw(network, width, 1, seed))
    run = flow(network, start, points=_POINTS, convergence=_CONVERGENCE, store=True)
    weights = from_states(network, run.states)
    return _Followed(run, flow_certificates(network, weights, moved=state_error(run)), weights)


def _verdicts(shown: _Followed, scaled: list[_Followed]) -> tuple[tuple[str, Verdict], ...]:
    """Both theorems on every flow that is drawn."""
    cases = [(f"scale {SCALE:g}", shown), *((f"scale {s:g}", way) for s, way in zip(SCALES, scaled, strict=True))]
    theorems = (certified_convergence.THEOREM, certified_sharpness.THEOREM)
    return tuple((case, theorem.test(way.run)) for case, way in dict(cases).items() for theorem in theorems)


def _picked(way: _Followed) -> NDArray[np.intp]:
    """Points that are drawn as markers."""
    return np.unique(np.linspace(0, len(way.times) - 1, _SEEN).astype(int))


def _risk_chart(way: _Followed) -> Chart:
    at = _picked(way)
    excess = np.asarray(way.run.observed["excess_risk"].value)
    later = int(np.argmax(np.nan_to_num(way.found.rate) >= _MOST_OF_IT * way.found.rate[-1]))
    curves = (
        *(_proved(way, index) for index in (way.first, later)),
        Curve("gradient flow", way.times[at], excess[at], Role.MEASURED, 1),
    )
    caption = "Two of the certificates: that of the first moment, and one whose rate is half of what it becomes."
    return Chart(f"Excess risk, scale {SCALE:g}", "time", "R - R_min", curves, caption, log_y=True)


def _proved(way: _Followed, index: int) -> Curve:
    """The certified exponential from one point on."""
    rest = way.times[index:]
    bound = way.found.excess_after(rest - rest[0], index)
    return Curve(f"proved from time {rest[0]:.3g} on", rest, bound, Role.PREDICTED)


def _enclosure_chart(network: DeepLinear, way: _Followed, limit: float) -> Chart:
    later = _picked(way)[_picked(way) >= way.first]
    kernel = 2 * np.linalg.eigvalsh(whitened_kernel(network, tuple(m[later] for m in way.weights)))[:, -1]
    rest = way.times[way.first :]
    above, below = way.found.highest[way.first :] - limit, limit - way.found.lowest[way.first :]
    curves = (
        Curve("proved upper end", rest, above, Role.PREDICTED),
        Curve("proved lower end", rest, below, Role.PREDICTED),
        Curve("that of the state's kernel", way.times[later], np.abs(kernel - limit), Role.MEASURED, 1),
    )
    caption = "How far the proved ends, and the value at the state itself, are from the sharpness of the limit."
    return Chart(
        f"Sharpness of the limit, {limit:.6g}", "time", "distance from that of the limit", curves, caption, log_y=True
    )


def _moment_chart(scaled: list[_Followed]) -> Chart:
    curves = (
        Curve("proved from here on", SCALES, [way.certified for way in scaled], Role.PREDICTED),
        Curve(f"risk at {_SMALL:g} of the start", SCALES, [_end_of_way(way) for way in scaled], Role.MEASURED, 1),
    )
    return Chart("When it is certain", "scale s of the initial weights", "time", curves, log_y=True)


def _end_of_way(way: _Followed) -> float:
    """First time at which the excess risk is a small share of that at the start."""
    excess = np.asarray(way.run.observed["excess_risk"].value)
    return float(way.times[np.argmax(excess <= _SMALL * excess[0])])


def _rate_chart(scaled: list[_Followed], rates: NDArray[np.float64]) -> Chart:
    curves = (
        Curve("proved at the first moment", SCALES, _rates_at(scaled, first=True), Role.PREDICTED),
        Curve("proved at the end", SCALES, _rates_at(scaled, first=False), Role.PREDICTED, 2),
        Curve("slowest mode of the limit", SCALES, rates, Role.MEASURED, 1),
    )
    return Chart("Rate", "scale s of the initial weights", "decay of log(R - R_min) per time", curves)


def _rates_at(scaled: list[_Followed], *, first: bool) -> list[float]:
    return [float(way.found.rate[way.first if first else -1]) for way in scaled]


def _share_chart(times: NDArray[np.float64]) -> Chart:
    known = times[np.isfinite(times)]
    before = np.geomspace(known.min() / 1.5, known.max() * 1.2, 15) if known.size else np.geomspace(0.1, 10, 15)
    share = _share_before(times, before)
    label = f"{len(times)} Gaussian starts, 95 % interval"
    curves = (Curve(label, before, share, Role.MEASURED), level("all", before, 1.0))
    return Chart(f"How likely, scale {SCALE:g}", "time", "share of starts certified before", curves, log_x=True)


def _share_before(times: NDArray[np.float64], before: NDArray[np.float64]) -> Estimate:
    """Share of starts that are certified before each time, with Clopper and Pearson's interval."""
    return Estimate.share_of(times[None] <= before[:, None])


def _rows(
    shown: _Followed, scaled: list[_Followed], limits: NDArray, rates: NDArray, times: NDArray
) -> tuple[Comparison, ...]:
    rows = [
        Comparison(
            f"scale {scale:g}: sharpness of the limit, proved at time {text_up(way.certified, 4)}",
            f"in {text_ends(way.found.lowest[way.first], way.found.highest[way.first])}",
            f"{limit:.7g}",
        )
        for scale, way, limit in zip(SCALES, scaled, limits[1:], strict=True)
    ]
    rows += [
        Comparison(
            f"scale {scale:g}: rate, proved at the end", f"at least {text_down(way.found.rate[-1], 5)}", f"{rate:.5g}"
        )
        for scale, way, rate in zip(SCALES, scaled, rates[1:], strict=True)
    ]
    last = f"in {text_ends(shown.found.lowest[-1], shown.found.highest[-1])}"
    rows.append(Comparison(f"scale {SCALE:g}: sharpness of the limit, proved at the end", last, f"{limits[0]:.7g}"))
    middle = float(np.median(times))
    share = Estimate.share_of(times <= middle)
    rows.append(Comparison(f"share of {len(times)} starts certified before {middle:.3g}", "", share.text(3)))
    share = Estimate.share_of(np.isfinite(times))
    rows.append(Comparison(f"share of {len(times)} starts certified at all", "", share.text(3)))
    return tuple(rows)


def _data(way: _Followed) -> dict[str, NDArray]:
    found = way.found
    return {"time": way.times, "lowest": found.lowest, "highest": found.highest, "rate": found.rate} | {
        "excess_risk": np.asarray(way.run.observed["excess_risk"].value),
        "rest": rest_of_flow(way.run).axis.points,
    }
