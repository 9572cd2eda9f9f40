"""The planning engine at the command line: files in, plans out. No database, no services, no Django.

A part imports what it needs when it is called for: judging a small plan takes no solver to load.
"""
