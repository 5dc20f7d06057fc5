"""What theory says from a problem alone: rates, closed forms, limits. Root searches and quadrature, no time steps.

May import: model, observables.
"""
