"""Case files made from a url map, a HAR or an OpenAPI document."""
