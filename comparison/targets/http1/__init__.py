"""HTTP/1.1 on a socket: requests as they are written, responses as they come (RFC 9112)."""
