"""Answers and requests made up from botocore's models, one with every member set for every operation that posture may
ask, so that the model client can be held against botocore itself. Nothing here knows a service."""
