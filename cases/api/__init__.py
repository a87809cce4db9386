"""The cases' part of the API: what is told of them, and every verb as an address of its own."""
