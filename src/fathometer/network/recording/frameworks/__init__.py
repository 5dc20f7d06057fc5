"""How networks of each framework are recorded: hooks of torch, outputs of ONNX, taps for JAX."""
