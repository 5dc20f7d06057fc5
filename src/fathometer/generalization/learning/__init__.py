"""Models that are trained with their certificates."""
