"""Pairs of a collapse: who attracts whom, and isolated pairs on a clock of their own."""
