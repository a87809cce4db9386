"""The page on which people make, read and revoke tokens for machines; the rules stand in ``staff.access``."""
