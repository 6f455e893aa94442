"""The page on which takes are labelled."""
