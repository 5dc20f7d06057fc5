"""Where cells are computed: in this process, in processes of its own, on a Dask cluster."""
