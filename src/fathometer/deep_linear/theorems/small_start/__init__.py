"""Theorems: small start, one statement a file."""
