#!/bin/bash
# Try the .dmg as a person would: open it, copy the application out, start it, ask it something, throw it away.
#
#   smoke.sh IMAGE.dmg VERSION
set -euo pipefail
[ $# = 2 ] || { echo "usage: smoke.sh IMAGE.dmg VERSION" >&2; exit 2; }
image=$1 version=$2
work=$(mktemp -d)
data=$work/data

stop() {
    echo "$1" >&2
    exit 1
}
finish() {
    hdiutil detach "$work/volume" -quiet 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

hdiutil attach "$image" -readonly -nobrowse -mountpoint "$work/volume" -quiet
bundles=("$work/volume"/*.app)
[ -d "${bundles[0]}" ] || stop "There is no application in $image."
[ -L "$work/volume/Applications" ] || stop "There is no folder to drag the application to in $image."
mkdir "$work/Applications"
ditto "${bundles[0]}" "$work/Applications/$(basename "${bundles[0]}")"
hdiutil detach "$work/volume" -quiet
bundle=$work/Applications/$(basename "${bundles[0]}")
codesign --verify --deep --strict "$bundle"
information=$bundle/Contents/Info.plist
program=$bundle/Contents/MacOS/$(plutil -extract CFBundleExecutable raw -o - "$information")
plutil -extract NSMicrophoneUsageDescription raw -o - "$information" >/dev/null ||
    stop "The bundle does not say what it wants the microphone for: macOS would end it at the first word."

told=$("$program" --version)
[ "$told" = "aiproxy-desktop $version" ] || stop "It says it is '$told' and should be $version."
"$program" --help >/dev/null
answer=$("$program" --data-dir "$data" ask "Say hello.")
[ -n "$answer" ] || stop "The built-in model answered nothing."
"$program" --data-dir "$data" --smoke "$work/window.png"
[ -s "$work/window.png" ] || stop "No picture of the window was saved."
echo "It says hello: $answer"
if [ -n "${SMOKE_PICTURE:-}" ]; then
    cp "$work/window.png" "$SMOKE_PICTURE"
fi
