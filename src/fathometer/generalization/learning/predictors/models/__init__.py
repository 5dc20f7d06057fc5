"""What predicts: models of ours, factories and files of users, asked and fitted in one way."""
