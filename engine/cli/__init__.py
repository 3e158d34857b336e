"""The command line: paint without a service, ask what a picture is made of, or start the service.

Rule: a mistake is found before anything heavy is loaded, and is one sentence and exit 2.
"""
