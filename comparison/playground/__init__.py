"""The playground: pages on loopback to run the catalogue, watch runs and try requests.

It is a Quart app for the people at this machine. It sends requests to the same targets
as the command line. It shows only what it has recorded.
"""
