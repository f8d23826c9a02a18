"""Where octets come from: capture files and standard input; later interfaces and logs."""
