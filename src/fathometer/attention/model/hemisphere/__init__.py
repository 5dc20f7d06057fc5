"""Tokens of which a moment of a run is known: problems that begin there."""
