"""Statements that a run makes true: from a moment of it on, the collapse is certain and has an explicit time."""

from fathometer.attention.dynamics.certified._collapse import (
    MERGE_ROOM as MERGE_ROOM,
    SIMULATED_ROOM as SIMULATED_ROOM,
    CertifiedCollapse as CertifiedCollapse,
    certified_collapse as certified_collapse,
    known_clouds as known_clouds,
)
from fathometer.attention.dynamics.certified._late_approach import late_approach as late_approach
from fathometer.attention.dynamics.certified._threshold import (
    AtBeta as AtBeta,
    CollapseThreshold as CollapseThreshold,
    collapse_at as collapse_at,
    collapse_threshold as collapse_threshold,
    in_their_span as in_their_span,
)
from fathometer.attention.dynamics.certified._window import (
    MetastableScan as MetastableScan,
    MetastableWindow as MetastableWindow,
    last_plateau as last_plateau,
    metastable_scan as metastable_scan,
    separated_caps as separated_caps,
)
