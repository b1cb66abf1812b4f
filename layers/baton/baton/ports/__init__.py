"""What use cases ask of the outside: protocols, and the values that they take and return.

``store``, ``engine``, ``agents``, ``approval_client`` and ``machines`` implement them. Nothing here imports these.
"""
