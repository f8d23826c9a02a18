"""The look of what is printed for users."""
