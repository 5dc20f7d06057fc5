"""Tests of the proved lower bound of the first merger."""
