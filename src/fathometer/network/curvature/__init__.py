"""Hessian, Gauss-Newton and Fisher operators of a network's loss, and their spectra."""
