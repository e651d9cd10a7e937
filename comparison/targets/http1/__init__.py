"""HTTP/1.1 on a socket: write requests and read responses, both exactly (RFC 9112)."""
