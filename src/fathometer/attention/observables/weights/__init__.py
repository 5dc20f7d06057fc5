"""Quantities of runs with weights: the energy of symmetric ones, steps beside recorded ones, pairs under random values."""
