"""Quantities of runs with weights: the energy of symmetric ones, predicted steps, pairs under random values."""
