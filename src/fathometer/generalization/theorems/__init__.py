"""The theorems of generalization, one file each."""
