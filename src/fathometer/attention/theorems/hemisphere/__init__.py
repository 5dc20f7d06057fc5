"""Theorems: hemisphere, one statement a file."""
