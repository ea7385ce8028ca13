"""Simulated people who take part in a workshop over real HTTP and event streams.

They know nothing that a phone does not: pages, forms, streams. Used to rehearse a day,
to show one, and to measure what a room does to the server.
"""
