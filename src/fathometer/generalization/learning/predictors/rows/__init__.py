"""Rows of the ledger of a predictor, one family a file."""
