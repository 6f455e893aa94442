"""The tables of the paper, filled in on the user's data, and the report that shows them."""
