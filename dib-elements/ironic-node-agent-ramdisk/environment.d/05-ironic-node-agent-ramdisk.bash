# Before debian-minimal's 10-debian-minimal.bash, whose defaults are for disks.
export DIB_RELEASE=${DIB_RELEASE:-bookworm}
export DIB_DEBIAN_COMPONENTS=${DIB_DEBIAN_COMPONENTS:-main,non-free-firmware}
export DIB_DEBIAN_SECURITY_SUBPATH=${DIB_DEBIAN_SECURITY_SUBPATH:--security}
export DIB_APT_MINIMAL_CREATE_INTERFACES=${DIB_APT_MINIMAL_CREATE_INTERFACES:-0}

# The kernel package would otherwise build an initrd of its own.
export INITRD=No

# Names that builders of ironic-python-agent ramdisks know; README.md says what each does here.
export DIB_IPA_ENABLE_RESCUE=${DIB_IPA_ENABLE_RESCUE:-true}
export DIB_IPA_COMPRESS_CMD=${DIB_IPA_COMPRESS_CMD:-gzip -9 -n}
export DIB_IPA_MINIMAL_PRUNE=${DIB_IPA_MINIMAL_PRUNE:-0}
export DIB_IPA_DISABLE_JOURNAL_MAX_LOG_SIZE=${DIB_IPA_DISABLE_JOURNAL_MAX_LOG_SIZE:-false}
export IPA_DEBIAN_NONFREE=${IPA_DEBIAN_NONFREE:-1}
export IPA_REMOVE_FIRMWARE=${IPA_REMOVE_FIRMWARE:-}

# The single executable; the build system sets it, otherwise it is looked for beside the checkout.
export DIB_IRONIC_NODE_AGENT_BINARY=${DIB_IRONIC_NODE_AGENT_BINARY:-}
# Options of mksquashfs that choose the compressor.
export DIB_IRONIC_NODE_AGENT_SQUASHFS=${DIB_IRONIC_NODE_AGENT_SQUASHFS:-}
