"""JSON that cramfs-dump prints, held against tests/schemas."""
import functools
import json
import pathlib

import jsonschema

SCHEMAS = pathlib.Path(__file__).parents[1] / "schemas"


@functools.cache
def validator(mode):
    schema = json.loads((SCHEMAS / f"dump-{mode}.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def valid(mode, text):
    """The value that the text is, which keeps to the schema."""
    value = json.loads(text)
    validator(mode).validate(value)
    return value
