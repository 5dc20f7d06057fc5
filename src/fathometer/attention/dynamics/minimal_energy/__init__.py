"""Tokens that repel each other: gradient flow with V = -I, and descent from many starts to the least energy."""
