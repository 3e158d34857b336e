"""Asking authors whether others may have their pictures painted, and painting once they say yes.

Rule: whatever is asked is stored before it is shown, and a yes before anybody hears of it: both outlive the process,
and each picture that was agreed to is painted once.
"""
