#!/bin/sh
# Make the Flatpak of what lies beside this script (`python -m shipping flatpak` lays it). It needs flatpak-builder and the
# runtime that the manifest names, and no network.
#
#   build.sh OUTPUT.flatpak
set -eu
[ $# = 1 ] || { echo "usage: build.sh OUTPUT.flatpak" >&2; exit 2; }
mkdir -p "$(dirname "$1")"
bundle=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")"
id=@APPLICATION_ID@
export SOURCE_DATE_EPOCH=@EPOCH@
rm -rf repository
flatpak-builder --disable-download --disable-rofiles-fuse --force-clean --repo=repository --default-branch=@BRANCH@ \
    --state-dir=state built "$id.yml"
flatpak build-bundle repository "$bundle" "$id" @BRANCH@
