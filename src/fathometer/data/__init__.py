"""Data from files, from scikit-learn and from inside the package."""

from fathometer.data._arrays import load_array as load_array
from fathometer.data._split import Split as Split, split_indices as split_indices
from fathometer.data._tables import BUILT_IN as BUILT_IN, Table as Table, load_table as load_table
from fathometer.data._tokens import ALBERT_SOURCE as ALBERT_SOURCE, albert_tokens as albert_tokens
