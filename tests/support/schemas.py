"""Checks JSON that the programs print with schemas/: a schema by file name, or one of cramfs-dump."""
import functools
import json
import pathlib

import jsonschema

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas"


@functools.cache
def validator(mode):
    path = SCHEMAS / f"{mode}.json"
    schema = json.loads((path if path.exists() else SCHEMAS / f"dump-{mode}.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def valid(mode, text):
    """The value of the JSON text, after it was checked with the schema."""
    value = json.loads(text)
    validator(mode).validate(value)
    return value
