"""`python -m fathometer` is the command line."""

from fathometer.cli import main

main()
