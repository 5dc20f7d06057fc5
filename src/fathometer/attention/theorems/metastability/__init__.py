"""Theorems: metastability, one statement a file."""
