"""The lab: real SIP servers, phones and attack tools in network namespaces."""
