"""How far the layers of a network are from the theory of interacting particles."""

from fathometer.network.layers._controls import CONTROLS as CONTROLS
from fathometer.network.layers._descent import EnergyFalls as EnergyFalls
from fathometer.network.layers._figure import layers_figure as layers_figure
from fathometer.network.layers._reducer import LayersReducer as LayersReducer
from fathometer.network.layers._report import LayersReport as LayersReport, layers_report as layers_report
from fathometer.network.layers._runs import report_of as report_of
from fathometer.network.layers._sites import (
    RungReport as RungReport,
    SiteReport as SiteReport,
    StepReport as StepReport,
)
from fathometer.network.layers._theorems import Beside as Beside, CloudReport as CloudReport
from fathometer.network.layers.measuring._rungs import Rung as Rung
from fathometer.network.layers.measuring._step import (
    BETAS as BETAS,
    StepFit as StepFit,
    dense_betas as dense_betas,
    fit_step as fit_step,
    take_step as take_step,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
