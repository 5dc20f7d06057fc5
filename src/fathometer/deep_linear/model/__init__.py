"""What is studied: data, networks, starts, their derivatives and minimizers.

May import: evidence, numerics. Nothing here takes a step.
"""
