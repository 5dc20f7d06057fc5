"""Arrays from archives, files of one array, and stored runs."""
