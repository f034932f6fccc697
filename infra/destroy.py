"""`make destroy STAGE=…`: takes a stage's stack away, after asking. What people would miss stays, and is named.

    destroy.py STAGE [FOLDER]

A stage whose tables refuse to be deleted is left alone, unless CONFIRM says the name of its stack.
"""

import os
import subprocess
import sys
from pathlib import Path

import boto3
import botocore.exceptions

import stage

HERE = Path(__file__).resolve().parent

# What outlives the stack, by its outputs, and how to delete it by hand.
KEPT = {
    "StateTable": "aws dynamodb delete-table --table-name",
    "RecordsTable": "aws dynamodb delete-table --table-name",
    "ChangesTable": "aws dynamodb delete-table --table-name",
    "DynamicsSecret": "aws secretsmanager delete-secret --secret-id",
    "KeysSecret": "aws secretsmanager delete-secret --secret-id",
}


def main(name="", folder=HERE):
    try:
        wanted = stage.read(name, Path(folder))
    except stage.Wrong as wrong:
        sys.exit(f"{wrong}\nNothing was changed.")
    confirmed = os.environ.get("CONFIRM")
    if wanted.is_protected and confirmed != wanted.stack:
        sys.exit(f"{name} is protected (DeletionProtection). If you mean it: make destroy STAGE={name} CONFIRM={wanted.stack}\n"
                 "Nothing was changed.")
    if confirmed != wanted.stack and _asked(wanted) != wanted.stack:
        sys.exit("Nothing was changed.")
    kept = _outputs(wanted)
    sam = Path(sys.executable).parent / "sam"
    subprocess.run([sam, "delete", "--stack-name", wanted.stack, "--region", wanted.region, "--no-prompts"], check=True)
    print("\nThese were kept, with all that is in them. To delete them for ever:")
    for output, command in KEPT.items():
        if output in kept:
            print(f"  {command} {kept[output]} --region {wanted.region}")
    print(f"So were the stream files: aws lambda list-layer-versions --layer-name {wanted.stack}-streams --region {wanted.region}")


def _asked(wanted):
    if not sys.stdin.isatty():
        sys.exit(f"there is no terminal to ask on; say CONFIRM={wanted.stack}\nNothing was changed.")
    print(f"This deletes the stack {wanted.stack} in {wanted.region}: functions and their logs, schedules, API, alarms,\n"
          "topics with their subscribers. Tables and secrets are kept.")
    return input("Type the name of the stack to go on: ")


def _outputs(wanted):
    try:
        stacks = boto3.client("cloudformation", region_name=wanted.region).describe_stacks(StackName=wanted.stack)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        sys.exit(f"the stack {wanted.stack} in {wanted.region} cannot be read: {error}\nNothing was changed.")
    return {output["OutputKey"]: output["OutputValue"] for output in stacks["Stacks"][0].get("Outputs", [])}


if __name__ == "__main__":
    main(*sys.argv[1:])
