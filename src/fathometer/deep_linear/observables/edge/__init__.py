"""What runs at the largest stable step and beyond it are measured by, and of which class a run is."""
