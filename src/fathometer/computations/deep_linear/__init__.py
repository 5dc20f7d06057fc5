"""Deep linear networks: what the data alone say of them, and runs of descent."""
