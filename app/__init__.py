"""Wegweiser: a self-service knowledge base portal."""
