"""Theorems: energy, one statement a file."""
