"""Formulas on weights of a layer: rates with queries and keys, values under a mask, random values."""
