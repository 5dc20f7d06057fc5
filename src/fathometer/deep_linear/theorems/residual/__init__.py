"""Theorems: residual, one statement a file."""
