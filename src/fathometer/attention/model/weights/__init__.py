"""Weights of a layer: its MLP, files that hold them, how far they are from the plain model, and random values."""
