"""What every address of the API has in common: who asks, how it is answered, refused, limited and done once."""
