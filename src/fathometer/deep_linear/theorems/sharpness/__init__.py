"""Theorems: sharpness, one statement a file."""
