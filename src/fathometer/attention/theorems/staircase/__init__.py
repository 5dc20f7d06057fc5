"""Theorems: staircase, one statement a file."""
