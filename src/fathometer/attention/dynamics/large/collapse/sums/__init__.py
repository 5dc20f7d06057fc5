"""Forces of a cloud, summed in the way that is cheapest: nonuniform transforms, lists of pairs, or tiles."""
