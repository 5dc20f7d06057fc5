"""Whatever takes steps and makes a Trajectory: plain time, log time, large systems, variants, recorded layers.

May import: model, observables, predictions.
"""
