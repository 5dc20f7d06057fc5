"""Tokens in caps: the geometry, the problems of the metastability theorems and what they ask."""
