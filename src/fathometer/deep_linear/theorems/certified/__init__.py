"""Theorems: certified, one statement a file."""
