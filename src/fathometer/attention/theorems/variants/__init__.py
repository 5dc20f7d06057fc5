"""Theorems: variants, one statement a file."""
