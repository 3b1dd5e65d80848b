"""Composition root: builds every object, wires, starts, stops."""
