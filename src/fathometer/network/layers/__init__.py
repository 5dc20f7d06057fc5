"""How far the layers of a network are from the theory of interacting particles."""
