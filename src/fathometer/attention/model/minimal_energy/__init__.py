"""Clouds of least interaction energy: the problem, and the configurations that solve it for every temperature."""
