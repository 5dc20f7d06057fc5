"""What is measured on variants of the model. Imports the model and the observables of tokens."""
