"""How far laws are from each other: divergences and transport."""
