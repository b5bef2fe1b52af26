#!/bin/bash
# Sign the application's bundle, have Apple notarise it, and make of it the .dmg that people get. On macOS alone.
#
#   make-dmg.sh BUNDLE.app ENTITLEMENTS.plist OUTPUT.dmg
#
# What it is signed with comes from the environment:
#   MACOS_IDENTITY        the "Developer ID Application: …" in the keychain; without it, it is signed for this Mac alone,
#                         and whoever else opens it has to allow that in System Settings
#   MACOS_NOTARY_PROFILE  what `xcrun notarytool store-credentials` was told to keep the account under; without it, it
#                         is not notarised
#   MACOS_NOTARY_KEYCHAIN the keychain it is kept in, where that is not the person's own
set -euo pipefail
[ $# = 3 ] || { echo "usage: make-dmg.sh BUNDLE.app ENTITLEMENTS.plist OUTPUT.dmg" >&2; exit 2; }
bundle=$1 entitlements=$2 image=$3
identity=${MACOS_IDENTITY:--}
profile=${MACOS_NOTARY_PROFILE:-}
account=(--keychain-profile "$profile")
if [ -n "${MACOS_NOTARY_KEYCHAIN:-}" ]; then
    account+=(--keychain "$MACOS_NOTARY_KEYCHAIN")
fi

stop() {
    echo "$1" >&2
    exit 1
}
[ -d "$bundle/Contents/MacOS" ] || stop "$bundle is no application bundle: freeze it first."
[ -f "$entitlements" ] || stop "The entitlements $entitlements are not there."
name=$(basename "$bundle" .app)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sign() { # sign PATH [OPTION...]: under the hardened runtime, which notarisation asks for
    local path=$1
    shift
    local stamp=--timestamp
    [ "$identity" = - ] && stamp=--timestamp=none # Apple's clock is for identities it knows
    codesign --force --options runtime "$stamp" --sign "$identity" "$@" "$path"
}

# From the inside out, since each signature covers what it holds: libraries and helpers, then frameworks, then the whole.
# (--deep would give every library the application's entitlements; Apple advises against it, technical note TN2206.)
echo "Signing $name as ${MACOS_IDENTITY:-nobody in particular}"
find "$bundle/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) ! -path "$bundle/Contents/MacOS/*" -print0 |
    while IFS= read -r -d '' file; do
        if file -b "$file" | grep -q Mach-O; then
            sign "$file"
        fi
    done
find "$bundle/Contents" -depth -type d -name '*.framework' -print0 |
    while IFS= read -r -d '' framework; do
        sign "$framework"
    done
find "$bundle/Contents/MacOS" -type f -print0 |
    while IFS= read -r -d '' program; do
        sign "$program" --entitlements "$entitlements"
    done
sign "$bundle" --entitlements "$entitlements"
codesign --verify --deep --strict --verbose=2 "$bundle"

notarise() { # notarise FILE: wait for Apple's answer; what it says of a refusal goes to standard error
    local file=$1 answer id
    answer=$(xcrun notarytool submit "$file" "${account[@]}" --wait --output-format json) || true
    id=$(plutil -extract id raw -o - - <<<"$answer" 2>/dev/null) || stop "Apple's notary could not be reached: $answer"
    [ "$(plutil -extract status raw -o - - <<<"$answer")" = Accepted ] && return
    xcrun notarytool log "$id" "${account[@]}" >&2
    stop "Apple did not notarise $(basename "$file"); its reasons stand above."
}

if [ -n "$profile" ]; then
    [ "$identity" = - ] && stop "MACOS_NOTARY_PROFILE is set, but MACOS_IDENTITY is not: Apple notarises signed bundles alone."
    # The ticket goes into the bundle too, so that it opens offline once it was copied out of the image.
    ditto -c -k --keepParent "$bundle" "$work/$name.zip"
    notarise "$work/$name.zip"
    xcrun stapler staple "$bundle"
fi

mkdir "$work/image"
ditto "$bundle" "$work/image/$name.app"
ln -s /Applications "$work/image/Applications"
mkdir -p "$(dirname "$image")"
rm -f "$image"
hdiutil create -volname "$name" -srcfolder "$work/image" -fs HFS+ -format UDZO -imagekey zlib-level=9 -quiet "$image"
if [ "$identity" != - ]; then
    codesign --force --timestamp --sign "$identity" "$image"
fi
if [ -n "$profile" ]; then
    notarise "$image"
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature --verbose "$image"
fi
echo "$image"
