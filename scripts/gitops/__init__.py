"""Render, validate, diff and promote the PyBase fleet."""
