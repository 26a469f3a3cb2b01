"""Two model roles behind one interface: embedded models, served models, and the caller's own."""
