"""Statements that a run makes true: by when the collapse is certain, and how long clusters stay apart at the least."""

from fathometer.attention.dynamics.certified._collapse import (
    CertifiedCollapse as CertifiedCollapse,
    certified_collapse as certified_collapse,
    known_clouds as known_clouds,
)
from fathometer.attention.dynamics.certified._errors import (
    MERGE_ROOM as MERGE_ROOM,
    merge_room as merge_room,
    simulated_room as simulated_room,
)
from fathometer.attention.dynamics.certified._late_approach import late_approach as late_approach
from fathometer.attention.dynamics.certified._lifetime import (
    lifetime_after_collapse as lifetime_after_collapse,
    log_first_meeting as log_first_meeting,
    simulate_lifetime as simulate_lifetime,
)
from fathometer.attention.dynamics.certified._staircase import (
    CertifiedPlateau as CertifiedPlateau,
    certified_staircase as certified_staircase,
    staircase_run as staircase_run,
)
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
