"""Rows of the ledger that need more of a predictor than its answers."""
