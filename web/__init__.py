"""The HTTP door: what programs and browsers reach; everything it does is done by the service."""
