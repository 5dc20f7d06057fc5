"""What can be certified about the risk of a trained network."""
