"""The fleet as a page: its parts are pure."""
