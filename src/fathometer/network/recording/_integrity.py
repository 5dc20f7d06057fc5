"""What was recorded, compared with what the network itself calls its hidden states."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.recording._sites import NORM_POST, NORM_PRE, POST, PRE, site

TOLERANCE = 1e-5
"""Of the largest number of the network's own states, or of 1 if that is smaller."""

States = NDArray[np.floating]


def differences(recorded: Mapping[str, States], own: Sequence[States]) -> dict[str, float]:
    """Largest difference from the network's own hidden states at each site, in units of their largest number.

    Own states are those before each block and after the last one. The last may be taken before or after the final norm:
    the nearer of the two is compared. If it is the one after, what left the last block must be what entered the norm.

    Args:
        recorded: by site.
        own: one more than there are blocks.

    Raises:
        InputError: if the numbers of blocks differ, or a site is missing.
    """
    depth = sum(name.endswith(POST) for name in recorded)
    missing = next((site(i, part) for i in range(depth) for part in (PRE, POST) if site(i, part) not in recorded), None)
    if missing is not None:
        raise InputError(f"{missing} was not recorded: the blocks were not recognised in their order")
    if len(own) != depth + 1:
        raise InputError(
            f"{depth} blocks were recorded, but the network has {len(own)} hidden states of its own, {depth + 1} are"
            " expected: the blocks were not recognised"
        )
    found = {site(i, PRE): apart(recorded[site(i, PRE)], own[i]) for i in range(depth)}
    found |= {site(i, POST): apart(recorded[site(i, POST)], own[i + 1]) for i in range(depth - 1)}
    last = site(depth - 1, POST)
    ends = {name: apart(recorded[name], own[depth]) for name in (last, NORM_POST) if name in recorded}
    nearer = min(ends, key=lambda name: ends[name])
    if nearer == NORM_POST and NORM_PRE in recorded:
        found[last] = apart(recorded[last], recorded[NORM_PRE])
    return found | {nearer: ends[nearer]}


def continuity(recorded: Mapping[str, States]) -> dict[str, float]:
    """Largest difference between what enters a block and what left the one before, in units of its largest number."""
    depth = sum(name.endswith(POST) for name in recorded)
    return {site(i, PRE): apart(recorded[site(i, PRE)], recorded[site(i - 1, POST)]) for i in range(1, depth)}


def check(integrity: Mapping[str, float]) -> None:
    """Refuse what differs from the network's own states.

    Raises:
        InputError: if a difference is above the tolerance; the worst site is named.
    """
    wrong = [name for name, gap in integrity.items() if not gap <= TOLERANCE]
    if wrong:
        worst = max(wrong, key=lambda name: np.nan_to_num(integrity[name], nan=np.inf))
        raise InputError(
            f"{worst} differs from the network's own hidden states by {integrity[worst]:.2g} of their size, above"
            f" {TOLERANCE:g}: what was recorded is not what the network computes"
        )


def apart(one: States, other: States) -> float:
    if one.shape != other.shape:
        return np.inf
    gap = np.abs(one.astype(np.float64) - other)
    return float(gap.max(initial=0.0) / max(1.0, float(np.abs(other).max(initial=0.0))))
