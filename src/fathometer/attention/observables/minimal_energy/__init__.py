"""What is asked of clouds of least energy: the energy with its rounding, and the inner products that occur."""
