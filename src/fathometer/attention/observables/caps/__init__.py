"""What can be measured on tokens in caps: widths, variances, motion, distance to the slow manifold."""
