"""What can be drawn: charts, heat maps, histograms, tokens on a sphere, and galleries and films of them."""
