"""What every REST endpoint stands on: keys, rights, problems, idempotency, versions, lists (docs/rest.md).

`endpoints`, `rows`, `serializers` and `deeds` are what an app's rest.py uses. Nothing is imported here: REST framework
names classes of this package in its settings and loads them while it is still being loaded itself.
"""
