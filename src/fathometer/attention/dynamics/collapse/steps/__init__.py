"""Compiled steps of a collapse: forces, one step, the loop, and when two clusters pass a distance."""
