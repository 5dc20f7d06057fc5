"""What theory says from a problem alone: minimal sharpness, bounds, rates, closed forms. No steps.

May import: model, observables.
"""
