"""Rows of certificates, their saved form, and their second, independent evaluation."""
