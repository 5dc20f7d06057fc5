"""Theorems: solvable, one statement a file."""
