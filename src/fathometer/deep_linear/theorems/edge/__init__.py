"""Beyond the largest stable step, and at the edge with adaptive steps."""
