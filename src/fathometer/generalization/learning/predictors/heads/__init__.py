"""Rows about linear classifiers: a predictor that is one, of two classes or several, and last layers of networks."""
