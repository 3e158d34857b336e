"""Duels."""
