# shellcheck shell=bash
# A whole stack on free ports in a temporary folder, for one command, and not a trace afterwards.
#
# In:    the command, which is given the folder as its last word but for the arguments after "--".
# Out:   its exit status. DEMO_KEEP=1 keeps the folder with its logs.
# Needs: lib.sh and ports.sh sourced, $HERE the folder of local/.

ONCE_DIR=

once_clean_up() {
    local status=$?
    trap '' INT TERM
    trap - EXIT
    [ -n "$ONCE_DIR" ] || exit "$status"
    "$HERE/down" --dir "$ONCE_DIR"
    [ "$status" = 0 ] || once_last_words
    if [ -n "${DEMO_KEEP:-}" ]; then
        printf 'Kept, logs included: %s\n' "$ONCE_DIR"
    else
        rm -rf -- "$ONCE_DIR"
        DIR=$ONCE_DIR base_forget
    fi
    exit "$status"
}

once_last_words() { # the logs go away with the folder
    local name
    for name in upload analysis reader; do
        [ -s "$ONCE_DIR/log/$name.log" ] || continue
        printf '\nThe last lines of %s:\n' "$name"
        tail -n 10 "$ONCE_DIR/log/$name.log" | cut -c1-240 | sed 's/^/    /'
    done
} >&2

# It never asks a real provider, whatever keys the caller has: a demo should cost nothing.
once_start() { # leaves the folder of a running stack in ONCE_DIR; it ends with the script
    need node
    unset OPENAI_API_KEY OPENAI_BASE_URL OPENAI_MODEL ANTHROPIC_API_KEY ANTHROPIC_BASE_URL
    export CEPH_STORE=memstore PG_FSYNC=off
    trap once_clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    ONCE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/snapkey-once.XXXXXX") ||
        die "No temporary folder could be made."
    chmod 711 "$ONCE_DIR"
    "$HERE/up" --dir "$ONCE_DIR" || exit 1
}
