"""The peers of this package, each written as its own users would write it."""
