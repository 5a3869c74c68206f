# shellcheck shell=bash
# Shared by the scripts of local/: say what happens, start a daemon, know it again, stop it.
#
# In:    $DIR, the folder of one stack, absolute. Everything below it is the stack's own.
# Files: run/NAME.pid "PID STARTED NEEDLE", log/NAME.log, run/lock (held while a script works).
# A daemon is known again by its pid AND its start time AND a piece of its command line: pids are
# given out anew, and a signal must never reach a process that is not ours.

umask 077
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/sbin:/sbin

die() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

need() { # PROGRAM... - all must be installed
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null ||
            die "$program is not installed. Run \"make setup\" once; it installs what local/ needs."
    done
}

# --- saying what happens: one line a step, with its time -------------------------------------

now_ms() { # leaves the answer in NOW: no fork, it is asked often
    NOW=${EPOCHREALTIME/[.,]/}
    NOW=$((NOW / 1000))
}

step_start() {
    now_ms
    STEP=$NOW
}

step_end() { # NAME TEXT - the time since step_start
    now_ms
    local ms=$((NOW - STEP))
    printf '  %-10s %-46s %3d.%d s\n' "$1" "$2" $((ms / 1000)) $((ms % 1000 / 100))
}

# --- waiting and asking ----------------------------------------------------------------------

wait_for() { # SECONDS COMMAND... - until it succeeds
    local end
    now_ms
    end=$((NOW + $1 * 1000))
    shift
    until "$@"; do
        now_ms
        [ "$NOW" -lt "$end" ] || return 1
        sleep 0.05
    done
}

port_free() { # PORT - does nobody listen there?
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

http_code() { # URL - the status, 000 when nobody answers; proxies of the caller are not for us
    curl -s -o /dev/null -m 2 --noproxy '*' -w '%{http_code}' "$1" 2>/dev/null || true
}

http_ok() { [ "$(http_code "$1")" = 200 ]; }

# --- daemons ---------------------------------------------------------------------------------

proc_started() { # PID - its start time in ticks, nothing for one that is gone or a zombie
    local stat state fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    stat=${stat##*) } # the name before it may hold spaces
    state=${stat%% *}
    case $state in Z | X) return 1 ;; esac
    read -r -a fields <<<"$stat"
    printf '%s\n' "${fields[19]}"
}

proc_is_ours() { # PID STARTED NEEDLE
    local line
    [ "$(proc_started "$1")" = "$2" ] || return 1
    line=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline")
    [ -z "$line" ] || [[ $line = *"$3"* ]] # empty for the moment of an exec: its start time has told
}

pid_of() { # NAME - prints the pid of a daemon that lives
    local pid started needle
    { read -r pid started needle <"$DIR/run/$1.pid"; } 2>/dev/null || return 1
    proc_is_ours "$pid" "$started" "$needle" && printf '%s\n' "$pid"
}

live() { pid_of "$1" >/dev/null; }

spawn() { # NAME NEEDLE COMMAND... - in a session of its own: a Ctrl-C or the caller's end spares it
    local name=$1 needle=$2 pid started
    shift 2
    setsid -- "$@" >>"$DIR/log/$name.log" 2>&1 </dev/null 9>&- &
    pid=$!
    disown
    started=$(proc_started "$pid") || return 1
    printf '%s %s %s\n' "$pid" "$started" "$needle" >"$DIR/run/$name.pid"
    wait_for 3 spawned "$pid" "$started" "$needle" && live "$name"
}

spawned() { # PID STARTED NEEDLE - setsid has become the program, or is gone
    proc_is_ours "$@" || [ "$(proc_started "$1")" != "$2" ]
}

up_or_gone() { # NAME COMMAND... - ends the wait early when the daemon died
    local name=$1
    shift
    "$@" || ! live "$name"
}

wait_up() { # NAME SECONDS COMMAND... - true when the command succeeds while the daemon lives
    local name=$1 seconds=$2
    shift 2
    wait_for "$seconds" up_or_gone "$name" "$@" && live "$name"
}

stop_daemon() { # NAME SIGNAL SECONDS - false when it had to be killed
    local pid gentle=0
    if pid=$(pid_of "$1"); then
        kill -s "$2" "$pid" 2>/dev/null
        kill -s CONT "$pid" 2>/dev/null # a stopped process does not see any other signal
        if ! wait_for "$3" gone "$1"; then
            gentle=1
            kill -s KILL "$pid" 2>/dev/null
            wait_for 5 gone "$1"
        fi
    fi
    rm -f "$DIR/run/$1.pid"
    return "$gentle"
}

gone() { ! live "$1"; }

failed() { # NAME ADVICE - the last of its log, then what to do; ends the script
    {
        printf '\n%s did not start. The last lines of %s:\n' "$1" "$DIR/log/$1.log"
        tail -n 15 "$DIR/log/$1.log" 2>/dev/null | cut -c1-240 | sed 's/^/    /'
    } >&2
    die "$2"
}

# --- the folder of a stack -------------------------------------------------------------------

dir_make() { # DIR - others may pass through, not look: as root we run Postgres as another user
    [ -d "$1" ] || { mkdir -p -- "$1" && chmod 711 -- "$1"; } || die "Cannot make the folder $1."
}

dir_open() { # DIR - sets $DIR, makes it, takes its lock on descriptor 9
    DIR=$(realpath -m -- "$1")
    # It goes into ceph.conf, a connection string and an env file; none of them quotes alike.
    case $DIR in *[!A-Za-z0-9._/@+=-]*)
        die "The folder \"$DIR\" has a space or an unusual letter in its path. Choose a plainer one."
        ;;
    esac
    dir_make "$DIR"
    mkdir -p "$DIR/run" "$DIR/log"
    [ "${SNAPKEY_LOCKED:-}" = "$DIR" ] && return 0 # our caller, another script of local/, has it
    exec 9>"$DIR/run/lock"
    flock -w 120 9 || die "Another local/up or local/down has been at work in $DIR for two minutes."
    export SNAPKEY_LOCKED=$DIR
}

secret() { # NAME - sets and exports $NAME: the caller's value, else one drawn once for this folder
    local value=${!1:-}
    touch "$DIR/run/secrets"
    [ -n "$value" ] || value=$(sed -n "s/^$1=//p" "$DIR/run/secrets")
    if [ -z "$value" ]; then
        value=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
        printf '%s=%s\n' "$1" "$value" >>"$DIR/run/secrets"
    fi
    export "$1=$value"
}

stop_part() { # PART - as local/up calls them; $HERE is local/
    case $1 in
    postgres) "$HERE/postgres" stop "$DIR" ;;
    s3) "$HERE/rgw" stop "$DIR" ;;
    *) stop_daemon "$1" TERM 15 || printf '  %-10s did not stop in 15 s and was killed\n' "$1" ;;
    esac
}
