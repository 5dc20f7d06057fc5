"""Numbers wider than float64, directed rounding, and functions to the precision of either format."""
