"""Theorems: slow motion, one statement a file."""
