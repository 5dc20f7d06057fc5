"""Runs at the largest stable step and beyond it: on a line, along central flows, and after the end of a training."""
