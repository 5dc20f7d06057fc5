"""The theorems on attention, one statement per file."""
