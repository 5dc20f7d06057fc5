"""What is measured of tokens at a site, and of a step from one site to the next."""
