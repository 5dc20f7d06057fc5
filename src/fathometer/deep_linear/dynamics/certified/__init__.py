"""Runs and the moment from which on their rest is certified."""
