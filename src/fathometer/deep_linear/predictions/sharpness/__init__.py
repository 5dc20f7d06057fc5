"""Sharpness of minimizers: the least, the balanced, bounds from the data. Imports the model."""
