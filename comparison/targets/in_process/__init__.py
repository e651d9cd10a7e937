"""Apps in this process: WSGI (PEP 3333), ASGI 3.0 and lifespan."""
