#!/bin/sh
# config.sh BIN - print docs/config.md from the tables that the services themselves read (config.def).
set -eu
cat <<HEAD
# Settings
Environment only; there is no file. All faults are told at once when a service starts; \`--print-config\` shows what it
understood, secrets masked. This page is made by \`make docs\` from \`config.def\`; a test compares the two.

## upload-svc
HEAD
"$1/upload-svc" --config-markdown
echo
echo "## analysis-svc"
"$1/analysis-svc" --config-markdown
