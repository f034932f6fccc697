"""`make deploy STAGE=…`: looks at everything that can be wrong with a stage, and then has SAM deploy it.

    deploy.py STAGE [FOLDER]

FOLDER has samconfig.toml, template.yaml and streams, if it is not the one that this is in. What SAM then asks for the
first time, a bucket for the packages, belongs to SAM and not to the stage.
"""

import os
import shutil
import sys
from pathlib import Path

import botocore.session

import packages
import stage

HERE = Path(__file__).resolve().parent
# What becomes the layer: see StreamsLayer in template.yaml.
LAYER = stage.ROOT / "target" / "infra" / "streams"


def main(name="", folder=HERE):
    folder = Path(folder)
    try:
        wanted = stage.read(name, folder)
    except stage.Wrong as wrong:
        sys.exit(f"{wrong}\nNothing was changed.")
    problems = [*_nobody_told(wanted), *packages.wrong(wanted.parameters["Architecture"]), *_wrong_tools()]
    if problems:
        sys.exit("\n".join(problems) + "\nNothing was changed.")
    shutil.rmtree(LAYER, ignore_errors=True)
    LAYER.mkdir(parents=True)
    shutil.copyfile(stage.streams_of(wanted, folder), LAYER / "streams.toml")
    print(f"Deploying {wanted.stack} to {wanted.region}: {wanted.parameters['StreamFile']}, {wanted.parameters['TimeZone']}")
    sys.stdout.flush()
    os.environ.setdefault("SAM_CLI_TELEMETRY", "0")
    os.execv(_sam(), [_sam(), "deploy", "--config-env", name, "--config-file", str(folder / "samconfig.toml"),
                      "--template-file", str(folder / "template.yaml")])


def _nobody_told(wanted):
    """Whether somebody hears of a stage that people depend on."""
    told = wanted.parameters["OperationsEmail"] or wanted.parameters["OperationsPhone"]
    if wanted.is_protected and not told:
        yield (f"{wanted.name}: nobody is told when the sync fails; give OperationsEmail, such as "
               "OperationsEmail=it@example.no, or OperationsPhone in samconfig.toml")


def _sam():
    return str(Path(sys.executable).parent / "sam")


def _wrong_tools():
    if not os.access(_sam(), os.X_OK):
        yield f"{_sam()} is missing; run `make venv-infra`"
    # The last of all, so that everything else is right where only this is missing.
    elif botocore.session.get_session().get_credentials() is None:
        yield "there are no AWS credentials; run `aws configure`, or set AWS_PROFILE"


if __name__ == "__main__":
    main(*sys.argv[1:])
