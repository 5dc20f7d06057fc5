"""Rows of the ledger of a predictor that are made from what is inside it."""
