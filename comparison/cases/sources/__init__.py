"""Draft case files from a url map, a HAR file or an OpenAPI document."""
