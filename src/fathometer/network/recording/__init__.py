"""Hidden states of a network, reduced while it runs."""
