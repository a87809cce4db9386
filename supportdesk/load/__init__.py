"""``manage.py load``: made-up cases in bulk, with which speed is measured and lists are tried.

``running`` goes through the batches; ``telling`` makes up what happened to one case; ``words`` what people said;
``people`` who they are; ``tables`` writes the rows by COPY; ``checking`` reads afterwards whether all holds.
"""
