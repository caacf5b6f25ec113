"""The set-up: a virtual environment, Go programs and schemas in a cache. Standard library only: it runs before them."""
