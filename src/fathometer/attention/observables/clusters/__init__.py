"""Clusters: how many, who is in them, the gaps between them, plateaus. Imports the model and its neighbours."""
