"""What the commands run: plain tokens, layers with weights, and what watches a long run."""
