"""Extreme eigenvalues of symmetric operators, with a floor that is certain and a ceiling that is nearly so."""
