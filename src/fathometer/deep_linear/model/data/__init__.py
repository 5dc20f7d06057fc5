"""Data of any units: their factor, exact rank and accuracy, and the sets of the paper."""
