"""What is studied and what was seen of it: problems, observables, trajectories. May import values."""
