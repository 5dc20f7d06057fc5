"""What a study computes: parameters and what each may be, specifications, and the cells that follow from them."""
