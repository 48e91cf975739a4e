"""What a page must neither run nor hide, whoever wrote it."""

# One end of a tag for each way out of an attribute, a template, a script.
SCRIPT = "\"'></script><x-evil onclick=alert(1)>{{7*7}}${7*7}"
# What turns gpj.exe around, hides, or makes two names of one.
TRICKS = "\u202egpj\u202c\u2066a\u2069\u200b\ufeff\u00ad"
# Of these nobody sees any.
UNSEEN = set(TRICKS) - set("gpja")
EVIL = f"{TRICKS}{SCRIPT}"
