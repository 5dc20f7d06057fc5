"""Hidden states of a network, reduced while it runs."""

from fathometer.network.recording._controls import (
    CONTROLS as CONTROLS,
    Centred as Centred,
    controlled as controlled,
    random_values as random_values,
    random_weights as random_weights,
    shuffled as shuffled,
)
from fathometer.network.recording._memory import bytes_of as bytes_of
from fathometer.network.recording._passage import Passage as Passage, Reducer as Reducer
from fathometer.network.recording._record import record as record
from fathometer.network.recording._recording import Recording as Recording
from fathometer.network.recording._stream import recorded_texts as recorded_texts
from fathometer.network.recording._texts import (
    ids_in_file as ids_in_file,
    lines_in_file as lines_in_file,
    texts_of as texts_of,
    tokenizer_of as tokenizer_of,
)
from fathometer.network.recording.frameworks._taps import tap as tap
