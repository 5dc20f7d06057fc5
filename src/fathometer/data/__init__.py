"""Data from files, from scikit-learn and from inside the package."""

from fathometer.data._fetch import PUBLIC_SETS as PUBLIC_SETS, fetch_sets as fetch_sets
from fathometer.data._groups import (
    equal_rows as equal_rows,
    joined_groups as joined_groups,
    row_digests as row_digests,
)
from fathometer.data._idx import Mnist as Mnist, load_idx as load_idx, load_mnist as load_mnist
from fathometer.data._public_models import PUBLIC_MODELS as PUBLIC_MODELS, fetch_models as fetch_models
from fathometer.data._public_sets import PublicSet as PublicSet, load_public_set as load_public_set
from fathometer.data._sources import BUILT_IN as BUILT_IN
from fathometer.data._split import (
    Split as Split,
    StratifiedSplit as StratifiedSplit,
    data_seed as data_seed,
    split_groups as split_groups,
    split_indices as split_indices,
)
from fathometer.data._tables import (
    MNIST_TARGET as MNIST_TARGET,
    Table as Table,
    load_table as load_table,
)
from fathometer.data._tokens import (
    ALBERT_LAYERS_SOURCE as ALBERT_LAYERS_SOURCE,
    ALBERT_SOURCE as ALBERT_SOURCE,
    albert_flow as albert_flow,
    albert_layers as albert_layers,
    albert_tokens as albert_tokens,
)
from fathometer.data.arrays._archives import read_archive as read_archive
from fathometer.data.arrays._arrays import load_array as load_array
from fathometer.data.arrays._stored_runs import (
    check_store as check_store,
    read_stored as read_stored,
    store_run as store_run,
)
from fathometer.data.mixed._encoding import EncodedColumn as EncodedColumn, Encoding as Encoding
from fathometer.data.mixed._features import Features as Features, load_features as load_features
