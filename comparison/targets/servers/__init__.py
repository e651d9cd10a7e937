"""Apps on real servers, each in a child process: `module@server`."""

from .stacks import SERVERS, Server, find_server
from .target import ServerTarget

__all__ = ["SERVERS", "Server", "ServerTarget", "find_server"]
