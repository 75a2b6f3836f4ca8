"""The frozen values that views draw."""
