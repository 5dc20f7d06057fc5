"""Publications that the statements on deep linear networks come from."""

from fathometer.evidence import Reference

MARION_CHIZAT = Reference(
    key="marion2024deep",
    authors="Marion, Pierre and Chizat, Lénaïc",
    title="Deep linear networks for regression are implicitly regularized towards flat minima",
    year=2024,
    venue="Advances in Neural Information Processing Systems",
    identifier="2405.13456",
)
