"""Networks of the user: their layers and the curvature of their loss; what they need comes with extras."""
