"""Certificates for users: learners in the manner of scikit-learn."""
