# shellcheck shell=bash
# Eight ports in a row for one stack: BASE upload, +1 its ops, +2 analysis, +3 its ops, +4 postgres,
# +5 S3, +6 reader, +7 S3's monitor. All below 32768: above, an outgoing connection may hold one.
#
# A folder keeps its base in run/base. Folders of one user that choose at the same moment see each
# other's choice in a small list beside the lock, so that none takes ports that are not bound yet.
# The list lies in SNAPKEY_PORTS, else TMPDIR: who uses several TMPDIRs at a time names one for all.

FIRST_BASE=18080
LAST_BASE=32760

base_free() { # BASE
    local port
    for ((port = $1; port < $1 + 8; port++)); do
        port_free "$port" || return 1
    done
}

claims_tidy() { # LIST - drops what belongs to deleted folders, moved folders and to us
    local base dir kept=
    while read -r base dir; do
        [ "$dir" != "$DIR" ] && [ "$(cat "$dir/run/base" 2>/dev/null)" = "$base" ] &&
            kept+="$base $dir"$'\n'
    done <"$1"
    printf '%s' "$kept" >"$1"
}

base_find() { # LIST
    local base
    for ((base = FIRST_BASE; base <= LAST_BASE; base += 10)); do
        grep -q "^$base " "$1" && continue
        base_free "$base" && BASE=$base && return 0
    done
    die "No eight free ports in a row between $FIRST_BASE and $LAST_BASE. Give --port-base."
}

claims_lock() { # LIST - on descriptor 8; another may have removed the list while we waited for it
    until [ "$1" -ef /proc/self/fd/8 ]; do
        exec 8>>"$1"
        flock -w 30 8 || die "$1 has been locked for 30 seconds by another local/up."
    done
}

base_choose() { # [BASE] - sets BASE: the one given, else this folder's, else the first that is free
    local list
    list=${SNAPKEY_PORTS:-${TMPDIR:-/tmp}}/snapkey-ports.$(id -u)
    claims_lock "$list"
    claims_tidy "$list"
    BASE=${1:-$(cat "$DIR/run/base" 2>/dev/null)}
    [ -n "$BASE" ] || base_find "$list"
    printf '%s\n' "$BASE" >"$DIR/run/base"
    printf '%s %s\n' "$BASE" "$DIR" >>"$list"
    exec 8>&-
}

base_forget() { # once $DIR is deleted
    local list
    list=${SNAPKEY_PORTS:-${TMPDIR:-/tmp}}/snapkey-ports.$(id -u)
    claims_lock "$list"
    claims_tidy "$list"
    [ -s "$list" ] || rm -f "$list"
    exec 8>&-
}

base_check() { # BASE - what a person typed
    case $1 in '' | *[!0-9]* | ??????*) die "--port-base takes a number, not \"$1\"." ;; esac
    if [ "$1" -lt 1024 ] || [ "$1" -gt "$LAST_BASE" ]; then
        die "--port-base takes 1024 to $LAST_BASE (ports stay below 32768), not $1."
    fi
}
