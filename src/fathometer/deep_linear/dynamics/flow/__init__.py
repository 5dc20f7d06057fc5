"""Gradient flow on a clock that passes saddles."""
