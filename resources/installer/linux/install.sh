#!/bin/sh
# Install @NAME@ for you alone, without root; from the folder that the archive was unpacked to.
#
#   ./install.sh                 below ~/.local
#   ./install.sh --prefix DIR    below DIR
set -eu
umask 022

command=@COMMAND@
prefix=$HOME/.local

say() { printf '%s\n' "$1"; }
stop() {
    printf '%s\n' "$1" >&2
    exit "${2:-1}"
}

while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ $# -gt 1 ] && [ -n "$2" ] || stop "--prefix needs a folder." 2
            case $2 in
                /*) prefix=$2 ;;
                *) prefix=$PWD/$2 ;;
            esac
            shift 2
            ;;
        -h | --help)
            say "usage: ./install.sh [--prefix DIR]"
            say "Installs @NAME@ @VERSION@ for you alone, below DIR, which is ~/.local unless given."
            exit
            ;;
        *) stop "usage: ./install.sh [--prefix DIR]" 2 ;;
    esac
done

case $prefix in
    *"
"*) stop "The folder's name has a line break in it: choose another with --prefix." ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ -x "$here/$command" ] && [ -d "$here/_internal" ] && [ -d "$here/share" ] ||
    stop "$here does not hold the whole archive: unpack it again and start install.sh there."

mkdir -p "$prefix/lib" "$prefix/bin" 2>/dev/null && [ -w "$prefix/lib" ] && [ -w "$prefix/bin" ] ||
    stop "$prefix cannot be written to: choose another folder with --prefix."
prefix=$(CDPATH='' cd -- "$prefix" && pwd -P)
place=$prefix/lib/$command
# The desktop looks for a person's own entries here, wherever the application is.
share=${XDG_DATA_HOME:-$HOME/.local/share}
case $prefix in
    /usr | /usr/local) share=$prefix/share ;;
esac
[ "$here" != "$place" ] || stop "It is installed here already: unpack a newer archive and start its install.sh."

# Files that are replaced under a running program break it.
runs() {
    for exe in /proc/[0-9]*/exe; do
        [ "$(readlink "$exe" 2>/dev/null)" != "$place/$command" ] || return 0
    done
    return 1
}
! runs || stop "@NAME@ is open: close it, then start install.sh again."

mkdir -p "$share" 2>/dev/null && [ -w "$share" ] || stop "$share cannot be written to: make it yours, then start again."

old=$place.old
if [ -d "$old/data" ]; then
    # Another start of this was broken off just there.
    [ -d "$place" ] && [ ! -e "$place/data" ] ||
        stop "$old/data holds your data, left by an installation that was broken off: move it elsewhere, then start again."
    mv "$old/data" "$place/data"
fi
rm -rf "$old"

# All is copied before anything of an older version goes, so that a full disk leaves that as it was.
new=$place.new
rm -rf "$new"
trap 'rm -rf "$new"' EXIT
copy() {
    mkdir "$new" || return
    for part in "$here"/*; do
        # What was kept while it was carried along stays where it is.
        [ "$part" != "$here/data" ] || continue
        cp -R -P "$part" "$new/" || return
    done
    printf '%s\n' "$share" >"$new/share/place"
}
copy || stop "It could not be copied to $place: see to it that the disk has room. Nothing was changed."

# What an older version put into the desktop may have other names than today's.
[ ! -x "$place/uninstall.sh" ] || "$place/uninstall.sh" --desktop-only

[ ! -e "$place" ] || mv "$place" "$old"
mv "$new" "$place"
trap - EXIT
# A folder of data makes it portable; it belongs to the person and stays.
[ ! -d "$old/data" ] || mv "$old/data" "$place/data"
rm -rf "$old"

ln -sf "$place/$command" "$prefix/bin/$command"

# In a desktop entry, a word with odd letters stands in quotes, and these are escaped once for those, once for all texts.
quoted=$(printf '%s' "$place/$command" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
plain=$(printf '%s' "$place/$command" | sed 's/\\/\\\\/g')
for_sed() { printf '%s' "$1" | sed 's/[\\&|]/\\&/g'; }
cd "$place/share"
find . -type f ! -name place | while IFS= read -r file; do
    mkdir -p "$share/$(dirname "$file")"
    case $file in
        *.desktop)
            # On PATH or not, the entry finds it.
            sed -e "s|^Exec=$command|Exec=\"$(for_sed "$quoted")\"|" \
                -e "s|^TryExec=.*|TryExec=$(for_sed "$plain")|" "$file" >"$share/$file"
            ;;
        *) cp "$file" "$share/$file" ;;
    esac
done

"$place/uninstall.sh" --refresh-only
say "@NAME@ @VERSION@ is installed: it is among your applications."
case :$PATH: in
    *":$prefix/bin:"*) say "In a terminal: $command" ;;
    *) say "In a terminal: $prefix/bin/$command" ;;
esac
say "To remove it: $place/uninstall.sh"
[ ! -d "$here/data" ] || say "What you kept in $here/data stays there."
