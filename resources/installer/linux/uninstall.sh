#!/bin/sh
# Remove @NAME@, which install.sh put into this folder. Your conversations, images and settings stay.
set -eu

command=@COMMAND@
what=${1:-everything}

stop() {
    printf '%s\n' "$1" >&2
    exit "${2:-1}"
}

case $what in
    everything | --desktop-only | --refresh-only) ;;
    *) stop "usage: ./uninstall.sh" 2 ;;
esac

place=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ -f "$place/share/place" ] || stop "$place was not installed: remove the folder, and all of it is gone."
share=$(cat "$place/share/place")
prefix=$(dirname "$(dirname "$place")")

# Remove a folder and those above it that nothing is left in, up to the one that all desktops share.
prune() {
    folder=$1
    while [ "$folder" != "$share" ] && [ "$folder" != / ] && rmdir "$folder" 2>/dev/null; do
        folder=$(dirname "$folder")
    done
}

remove_from_desktop() {
    (cd "$place/share" && find . -type f ! -name place) | sed 's|^\./||' | while IFS= read -r file; do
        rm -f "$share/$file"
        prune "$(dirname "$share/$file")"
    done
}

# Tell the desktop; what only lists what is there goes with the last of it.
refresh() {
    if [ -d "$share/applications" ] && command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$share/applications" || :
    fi
    if [ -d "$share/applications" ] && [ "$(ls -A "$share/applications")" = mimeinfo.cache ]; then
        rm -f "$share/applications/mimeinfo.cache"
        prune "$share/applications"
    fi
    if [ -d "$share/mime" ] && command -v update-mime-database >/dev/null; then
        mkdir -p "$share/mime/packages"
        update-mime-database "$share/mime" || :
        if rmdir "$share/mime/packages" 2>/dev/null; then
            for list in XMLnamespaces aliases generic-icons globs globs2 icons magic mime.cache subclasses treemagic types version; do
                rm -f "$share/mime/$list"
            done
            # Of each kind of type, the folder that its last description was in.
            rmdir "$share"/mime/*/ 2>/dev/null || :
            prune "$share/mime"
        fi
    fi
    if [ -d "$share/icons/hicolor" ]; then
        touch "$share/icons/hicolor"
        if [ -f "$share/icons/hicolor/icon-theme.cache" ] && command -v gtk-update-icon-cache >/dev/null; then
            gtk-update-icon-cache -q -t -f "$share/icons/hicolor" || :
        fi
    fi
}

case $what in
    --refresh-only)
        refresh
        exit
        ;;
    --desktop-only)
        remove_from_desktop
        exit
        ;;
esac

for exe in /proc/[0-9]*/exe; do
    [ "$(readlink "$exe" 2>/dev/null)" != "$place/$command" ] || stop "@NAME@ is open: close it, then start uninstall.sh again."
done

remove_from_desktop
refresh
if [ "$(readlink "$prefix/bin/$command" 2>/dev/null)" = "$place/$command" ]; then
    rm -f "$prefix/bin/$command"
fi
kept="Conversations, images and settings are still where they were: ${XDG_DATA_HOME:-$HOME/.local/share}/$command."
cd /
if [ -d "$place/data" ]; then
    find "$place" -mindepth 1 -maxdepth 1 ! -name data -exec rm -rf {} +
    kept="Conversations, images and settings are still where they were: $place/data."
elif [ ! -d "${XDG_DATA_HOME:-$HOME/.local/share}/$command" ]; then
    kept="It had no data."
fi
[ -d "$place/data" ] || rm -rf "$place"
rmdir "$prefix/lib" "$prefix/bin" 2>/dev/null || :
printf '%s\n' "@NAME@ is removed. $kept"
