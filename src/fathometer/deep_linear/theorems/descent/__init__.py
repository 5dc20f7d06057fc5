"""Theorems: descent, one statement a file."""
