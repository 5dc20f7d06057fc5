"""The way of a training: its history, its class, and their picture."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fathometer.deep_linear import Classified, DeepLinear, Momentum, RunHistory
    from fathometer.evidence import Trajectory
    from fathometer.report import Chart, Figure

_MANY = 1e3  # times the smallest value, beyond which an axis is logarithmic


class Way(NamedTuple):
    """What was seen of a run on its way; the class is None for a flow, an interrupted run and mini-batches."""

    history: "RunHistory"
    classified: "Classified | None"

    @classmethod
    def of(cls, run: "Trajectory", step: float | None, momentum: "Momentum | None", *, plain: bool) -> Self:
        """Measure a run at the steps whose weights it kept.

        Args:
            run: descent or flow.
            step: step size; None for a flow.
            momentum: of the run.
            plain: whether it came to its end by full gradients.
        """
        from fathometer import deep_linear as dl

        if step is None:
            return cls(dl.run_history(run), None)
        still = momentum is None or momentum.beta == 0
        limit = (2.0 if momentum is None else momentum.reach) / step
        seen = dl.run_history(run, limit, step if still and plain else None)
        return cls(seen, dl.classified_run(run, step, momentum, seen) if plain else None)

    @property
    def told(self) -> dict[str, Any] | None:
        """The class as JSON values."""
        return None if self.classified is None else self.classified.to_json()

    @property
    def line(self) -> str:
        """The class in one line; empty where there is none."""
        of = self.classified
        return "" if of is None else f"class: {of.name} ({of.reason})"

    def keep(self, path: Path | None) -> None:
        """Write the history, in one step."""
        from fathometer.report import write_columns

        if path is not None:
            write_columns(path, self.history.columns())

    def figure(self, problem: "DeepLinear") -> "Figure":
        """Loss, sharpness and imbalance along the run, up to where it diverges, beside what is predicted."""
        from fathometer.report import Comparison, Figure

        seen, sharpness = self.history, self._seen_sharpness()
        charts = (self._loss(), self._sharpness(problem), self._imbalance())
        expected = f"below {seen.limit:.6g}" if math.isfinite(seen.limit) else ""
        rows = [Comparison("sharpness at the end", expected, f"{sharpness[-1]:.6g}")]
        rows += (
            [Comparison("class", "", f"{self.classified.name}: {self.classified.reason}")] if self.classified else []
        )
        return Figure("deep-linear-train", charts, tuple(rows), seen.columns())

    @property
    def _there(self) -> "NDArray[np.bool_]":
        """Looks before a divergence; the first is one of them."""
        import numpy as np

        there = np.isfinite(self.history.excess_risk)
        there[0] = True
        return there

    def _seen_sharpness(self) -> "NDArray[np.float64]":
        import numpy as np

        return np.asarray(self.history.sharpness.value)[self._there]

    def _axis(self) -> str:
        return "training step" if self.history.kind == "step" else "time (1 / curvature)"

    def _loss(self) -> "Chart":
        from fathometer.report import Chart, Curve, Role, level

        seen = self.history
        curves = [level("risk of w = 0", seen.at[self._there], seen.explained)] if seen.explained > 0 else []
        positive = seen.excess_risk > 0
        curves.append(Curve("measured", seen.at[positive], seen.excess_risk[positive], Role.MEASURED))
        return Chart("Loss", self._axis(), "risk above its minimum", tuple(curves), log_y=bool(positive.any()))

    def _sharpness(self, problem: "DeepLinear") -> "Chart":
        from fathometer import deep_linear as dl
        from fathometer.report import Chart, Curve, Role, level

        seen, at = self.history, self.history.at[self._there]
        flattest = float(dl.minimal_sharpness(problem).value)
        curves: list[Curve] = [level("S_min, of a flattest minimizer", at, flattest, Role.PREDICTED, 1)]
        if math.isfinite(seen.limit):
            label = "largest stable sharpness" + (", 2 / step" if seen.plain else "")
            curves.append(level(label, at, seen.limit, Role.PREDICTED, 2))
        sharpness = self._seen_sharpness()
        curves.append(Curve("measured", at, sharpness, Role.MEASURED))
        return Chart(
            "Sharpness", self._axis(), "sharpness (risk / weight²)", tuple(curves), log_y=_spans_orders(sharpness)
        )

    def _imbalance(self) -> "Chart":
        from fathometer.report import Chart, Curve, Role, level

        at, imbalance = self.history.at[self._there], self.history.imbalance[self._there]
        curves = (
            level("conserved by gradient flow", at, float(imbalance[0]), Role.PREDICTED, 1),
            Curve("measured", at, imbalance, Role.MEASURED),
        )
        return Chart("Imbalance of neighbouring layers", self._axis(), "largest |D_k| (weight²)", curves)


def _spans_orders(values: "NDArray[np.float64]") -> bool:
    """Whether values are positive and so far apart that a linear axis would hide the smaller ones."""
    return bool(values.min() > 0 and values.max() > _MANY * values.min())
