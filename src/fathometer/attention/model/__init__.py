"""What is studied: tokens as particles, their field and energy, the problems and hypotheses of the theorems.

May import: evidence, numerics. Nothing here predicts or takes a time step.
"""
