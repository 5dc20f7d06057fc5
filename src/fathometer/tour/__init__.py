"""The tour: three headline demonstrations on real input, as one report."""

from fathometer.tour._run import STEPS as STEPS, run_tour as run_tour
