"""Prints the plain CloudFormation template that SAM makes of a SAM template, as JSON.

    transform.py TEMPLATE NAME=VALUE…

The values are those of the template's parameters. Packages are named as `sam deploy` would have uploaded them, since
the transform takes no paths.
"""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.public.translator import Translator

# Which property of which type of resource is a path.
PATHS = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


def main(path, values):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for name, resource in template["Resources"].items():
        if (member := PATHS.get(resource["Type"])) is not None:
            resource["Properties"][member] = f"s3://packages/{name}.zip"
    # Without the names of managed policies, which it would ask AWS for: no role here has one.
    translator = Translator({}, Parser())
    json.dump(translator.translate(template, values), sys.stdout)


main(sys.argv[1], dict(argument.split("=", 1) for argument in sys.argv[2:]))
