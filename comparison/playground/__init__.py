"""The playground: a page on loopback where the catalogue is asked, watched and tried.

An app of Quart, for the people at this machine. It asks the same targets as the command
line does and tells nothing that it has not recorded.
"""
