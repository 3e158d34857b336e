"""The command line: paint without a service, tell how a picture was painted, or start the service.

Rule: what is typed is checked before the network is loaded, and what is wrong is one sentence and exit 2.
"""
