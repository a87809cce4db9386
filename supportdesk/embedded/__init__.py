"""PostgreSQL, Valkey and the desk's own processes behind one command, for one machine.

``addresses`` says where the servers are found, ``sharing`` who starts and stops the database, ``desk`` what
``manage.py up`` does from the first line to the last. ``docs/embedded.md`` tells why it is done this way.
"""
