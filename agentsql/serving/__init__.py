"""Doors for other programs: one server process around agents, over HTTP and in the shape of OpenAI's API."""
