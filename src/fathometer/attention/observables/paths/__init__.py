"""What is measured along a whole path: its length, its ascent. Imports the model and the observables of tokens."""
