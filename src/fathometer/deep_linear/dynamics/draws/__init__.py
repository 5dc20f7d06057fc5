"""Random minimizers and starts, drawn as trajectories."""
