"""Theorems on deep linear networks, one statement per file; `fathometer.catalog` lists them."""
