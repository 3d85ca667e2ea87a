"""The demo borough: a synthetic Tower Hamlets from a fixed seed, marked DEMO wherever it shows."""
