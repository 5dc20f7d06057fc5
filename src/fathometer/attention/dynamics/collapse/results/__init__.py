"""What comes of a collapse: its record, document, clusters that count, and the trajectory of its states."""
