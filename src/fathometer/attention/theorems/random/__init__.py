"""Theorems: random, one statement a file."""
