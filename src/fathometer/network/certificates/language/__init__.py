"""Language models: documents as units, bits per token."""
