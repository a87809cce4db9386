"""What can happen to a case. Only these change its state, and every one has the same beats:

lock the case's row · may they? · already so? then return · the rules · write what changed · record one entry · return.
"""
