"""A loss in the vector of its parameters, in each framework."""
