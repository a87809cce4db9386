"""Telling staff by mail what they have not looked at in the page: gathered, claimed, sent once."""
