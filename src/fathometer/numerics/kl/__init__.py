"""The binary relative entropy, its inverses to the last place, and one that JAX differentiates."""
