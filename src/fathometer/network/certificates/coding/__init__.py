"""A network in few bytes, and what that certifies."""
