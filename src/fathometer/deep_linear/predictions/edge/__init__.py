"""Beyond the largest stable step: the oscillation that branches off, its doublings, and where it ends."""
