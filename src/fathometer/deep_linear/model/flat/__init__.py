"""All weights of a network as one vector, and the excess risk as a function of it."""
