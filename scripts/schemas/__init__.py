"""Derives the JSON schemas that kubeconform reads from pinned packages, so that checking needs no network."""
