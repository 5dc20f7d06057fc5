"""Theorems, their hypotheses and predictions, and the one judge. May import values and runs."""
