"""Certificates after the start: what is proved about the rest of a run from one of its states."""
