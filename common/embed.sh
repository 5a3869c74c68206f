#!/bin/sh
# embed.sh NAME FILE... - print C that holds the files as `const struct embed_file NAME[]` (common/embed.h).
set -eu
name=$1
shift
echo '#include "common/embed.h"'
echo "extern const struct embed_file ${name}[];"
echo "extern const size_t ${name}_count;"
i=0
for f in "$@"; do
    echo "static const unsigned char file_${i}[] = {"
    od -An -v -tu1 "$f" | sed 's/  */,/g; s/^,//; s/$/,/'
    echo "0};"
    i=$((i + 1))
done
echo "const struct embed_file ${name}[] = {"
i=0
for f in "$@"; do
    echo "    {\"$(basename "$f")\", (const char *)file_$i, sizeof file_$i - 1},"
    i=$((i + 1))
done
echo "};"
echo "const size_t ${name}_count = $#;"
