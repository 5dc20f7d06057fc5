"""Theorems: clustering, one statement a file."""
