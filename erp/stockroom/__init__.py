"""The stockroom's pages and interface: what people and programs do with stock, whichever package does it."""
