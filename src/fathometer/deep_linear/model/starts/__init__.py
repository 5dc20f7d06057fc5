"""Problems that are a network with a start, and the constants of a theorem there; nothing here takes a step."""
