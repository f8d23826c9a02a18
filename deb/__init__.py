"""The Debian package: `make deb`."""
