"""Gradient descent: many runs at once, momentum, mini-batches, step scans, sweeps."""
