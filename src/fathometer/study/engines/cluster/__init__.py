"""The inside of the engine on Dask: what is left to compute, who computes it, and what runs in a worker."""
