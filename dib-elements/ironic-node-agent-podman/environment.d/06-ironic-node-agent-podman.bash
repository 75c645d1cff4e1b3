# Names that builders of ironic-python-agent ramdisks know; README.md says what each does here. What is unset is left to
# the agent, and to the conductor.
export DIB_ALLOW_ARBITRARY_CONTAINERS=${DIB_ALLOW_ARBITRARY_CONTAINERS:-}
export DIB_ALLOWED_CONTAINERS=${DIB_ALLOWED_CONTAINERS:-}
export DIB_CONTAINER_STEPS_FILE=${DIB_CONTAINER_STEPS_FILE:-}
export DIB_RUNNER=${DIB_RUNNER:-}
export DIB_PULL_OPTIONS=${DIB_PULL_OPTIONS:-}
export DIB_RUN_OPTIONS=${DIB_RUN_OPTIONS:-}
# A file of the build host that becomes the file of container steps.
export DIB_STEPS_FILE_PATH=${DIB_STEPS_FILE_PATH:-}
