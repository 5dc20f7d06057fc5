"""A training that is looked at while it runs, and never slowed by more than a stated share."""
