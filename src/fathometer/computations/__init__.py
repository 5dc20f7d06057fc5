"""What a study can repeat: each computation is a file with its parameters, its columns and one function."""

from fathometer.computations._find import find as find, names as names
