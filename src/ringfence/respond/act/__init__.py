"""What is done to an account that was taken, by the phone system itself."""
