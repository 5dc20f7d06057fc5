"""How large a step training can take, measured and watched."""
