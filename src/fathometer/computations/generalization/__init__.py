"""Certificates: of tables, of bounds on simulated samples, of the published experiments."""
