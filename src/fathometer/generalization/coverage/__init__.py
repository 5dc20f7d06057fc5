"""Coverage: every bound that can be simulated, on thousands of samples, with controls that must fail."""

from fathometer.generalization.coverage._experiment import Experiment as Experiment
from fathometer.generalization.coverage._run import (
    EXPERIMENTS as EXPERIMENTS,
    Coverage as Coverage,
    cover as cover,
    run_coverage as run_coverage,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
