"""Tokens as interacting particles: one system or many, along time or to the last merger."""
