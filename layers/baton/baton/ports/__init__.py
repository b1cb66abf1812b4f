"""What use cases ask of the outside, and the values that pass. ``store``, ``engine``, ``agents``, ``bus``,
``approval_client``, ``machines`` and ``submission`` stand behind these protocols; nothing here knows them.
"""
