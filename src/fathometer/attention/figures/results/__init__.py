"""Drawings of what the commands found: runs, collapses, phase diagrams, recorded layers."""

from fathometer.attention.figures.results._collapse import collapse_figure as collapse_figure
from fathometer.attention.figures.results._large_collapse import large_collapse_figure as large_collapse_figure
from fathometer.attention.figures.results._layers import layers_figure as layers_figure
from fathometer.attention.figures.results._phase import phase_figure as phase_figure
from fathometer.attention.figures.results._run import run_figure as run_figure, token_frames as token_frames
from fathometer.numerics import keep_float64

keep_float64(__name__)
