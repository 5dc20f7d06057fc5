"""What theory says about variants of the model. Imports the model."""
