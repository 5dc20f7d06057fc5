"""What can be measured on weights, each as an Estimate.

May import: model. Nothing here takes a step.
"""
