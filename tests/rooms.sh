#!/usr/bin/env bash
# rooms.sh - the plan of the house, checked: arrows point down only, one room knows a library, every .c has its
# test, nothing forbidden stands anywhere. Prints each fault; exit status 1 when there is one.
set -u
cd "$(dirname "$0")/.." || exit 1
faults=$(mktemp)
trap 'rm -f "$faults"' EXIT
rooms="common upload-svc analysis-svc local/reader local/sigv4"

say() { echo "$1" >>"$faults"; }
files_of() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

# No FILES may include PATTERN: "WHY".
forbid() { # why pattern files...
    local why=$1 pattern=$2
    shift 2
    [ $# -gt 0 ] || return 0
    grep -nE "$pattern" "$@" /dev/null | while read -r hit; do say "$why: $hit"; done
}

mapfile -t common < <(files_of common/*.[ch])
mapfile -t upload < <(files_of upload-svc/*.[ch])
mapfile -t analysis < <(files_of analysis-svc/*.[ch])
mapfile -t reader < <(files_of local/reader/*.[ch])
mapfile -t sigtool < <(files_of local/sigv4/*.[ch])
mapfile -t proto < <(files_of proto/*.def)
all=("${common[@]}" "${upload[@]}" "${analysis[@]}" "${reader[@]}" "${sigtool[@]}")

# Arrows: services and reader -> common -> proto.
forbid "common may include only common and proto" '#include "(upload-svc|analysis-svc|local|tests)/' "${common[@]}"
forbid "upload-svc may not look into another house" '#include "(analysis-svc|local|tests)/' "${upload[@]}"
forbid "analysis-svc may not look into another house" '#include "(upload-svc|local|tests)/' "${analysis[@]}"
forbid "the reader may not look into a service" '#include "(upload-svc|analysis-svc|tests)/' "${reader[@]}"
forbid "the signing tool may not look into a service" '#include "(upload-svc|analysis-svc|tests|local/reader)/' "${sigtool[@]}"
forbid "a table of proto includes nothing" '#include' "${proto[@]}"

# One room (three .c files at most) knows a library.
library() { # header-pattern file-pattern name
    local hits n
    hits=$(grep -lE "#include <$1" "${all[@]}")
    n=$(grep -c '\.c$' <<<"$hits")
    grep -vE "^$2" <<<"$hits" | grep . | while read -r f; do say "$3 is known outside its room: $f"; done
    [ "$n" -le 3 ] || say "$3 is known by $n files; three at most"
}

library 'curl/' 'common/http' libcurl
library 'libpq-fe|postgresql/' 'common/db' libpq
library 'openssl/' 'common/crypto' OpenSSL
library 'cjose/' 'common/jwt' cjose
library 'uuid/' 'common/id' libuuid
library 'uni(norm|str|ctype|case|conv|name|gbrk)\.h' 'common/nfc' libunistring
library 'vips/' 'analysis-svc/scale' libvips
library 'tesseract/' 'local/reader/' Tesseract
forbid "leptonica's room is local/reader" '#include <leptonica/' "${common[@]}" "${upload[@]}" "${analysis[@]}"

# Words that have no place here.
forbid "no goto" '(^|[^a-z_])goto[[:space:]]+[a-z_]+;' "${all[@]}"
forbid "forbidden call" '(^|[^a-z_>.])(strcpy|strcat|sprintf|vsprintf|atoi|atol|alloca|system|popen|tmpfile|mkstemp|mkdtemp|gets|strtok)\(' "${all[@]}"
mapfile -t silent < <(printf '%s\n' "${common[@]}" | grep -v '^common/log\.')
forbid "common never logs" '(^|[^a-z_])log_(debug|info|warn|error)\(' "${silent[@]}"
forbid "pragma once is our guard" '#ifndef .*_H' "${all[@]}"

# free() only in a function that gives back: ..._free, ..._close, or a static helper that says it in its name.
for f in "${all[@]}"; do
    case $f in *.c) ;; *) continue ;; esac
    awk -v f="$f" '
        /^[a-z].*\)$/ || /^[a-z].*\) *\{/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
        /(^|[^a-z_])free\(/ && name !~ /(free|close|drop|give|grow|fits|forget|recycle|clear|reset|wipe|done|end)/ {
            printf "free() in %s(), which does not say so: %s:%d\n", name, f, FNR }' "$f" >>"$faults"
done

# Sizes.
for f in "${all[@]}"; do
    n=$(wc -l <"$f")
    [ "$n" -le 400 ] || say "$f has $n lines; 400 at most"
done

# A number is one migration: two that were written side by side would each take the other for a changed one.
for house in upload-svc analysis-svc; do
    files_of "$house/migrations/*.sql" | sed 's|.*/\([0-9]*\)_.*|\1|' | sort | uniq -d | while read -r n; do
        say "$house has two migrations of number $n; the later one takes the next"
    done
done

# Every .c has its test: of its own name, or one whose opening comment says "Covers: NAME NAME". main.c is tested end to end.
covered=$(sed -n 's/.*Covers: *\([a-z0-9_ ]*\).*/\1/p' tests/unit/*.c tests/contract/*.c 2>/dev/null | tr ' ' '\n')
for room in $rooms; do
    for f in "$room"/*.c; do
        [ -f "$f" ] || continue
        name=$(basename "$f" .c)
        case $room in local/reader) name=reader_$name ;; local/sigv4) name=tool_$name ;; esac
        case $name in main | reader_main | tool_main) continue ;; esac
        grep -qx "$name" <<<"$covered" && continue
        [ -f "tests/unit/test_$name.c" ] || say "$f has no tests/unit/test_$name.c, and no test says \"Covers: $name\""
    done
done

sort -u "$faults"
[ ! -s "$faults" ]
