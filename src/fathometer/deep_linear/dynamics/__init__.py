"""Whatever takes steps and makes a Trajectory: descent, gradient flow, random draws.

May import: model, observables, predictions.
"""
