"""What no cloud can be below: the linear programming bound with its proof, and the energies of sharp configurations."""
