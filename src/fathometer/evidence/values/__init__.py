"""Numbers with their errors, axes, and how both are read, shown and stored. Imports no other room."""
