"""Apps on real servers, each in a child process: `module@server`."""
