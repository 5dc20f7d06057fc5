"""The tour: headline demonstrations on real input and on a small network, as one report."""

from fathometer.tour._run import STEPS as STEPS, run_tour as run_tour
