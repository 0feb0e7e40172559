# Validates JSON files against a JSON Schema: validate.py SCHEMA FILE...
# Says nothing when all is well, else a line for each fault.
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for name in sys.argv[2:]:
    for error in validator.iter_errors(json.load(open(name))):
        print(f"{name}: {'/'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}")
