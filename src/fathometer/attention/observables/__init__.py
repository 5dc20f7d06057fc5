"""What can be measured on states of tokens, each as an Estimate.

May import: model. Nothing here takes a time step.
"""
