#!/usr/bin/python3
# Whether JSON on standard input is as a schema file wants it: json-valid.py SCHEMA. Says what is wrong.
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
errors = list(jsonschema.Draft7Validator(schema).iter_errors(json.load(sys.stdin)))
for error in errors:
    print("/".join(str(part) for part in error.path) + ": " + error.message)
sys.exit(bool(errors))
