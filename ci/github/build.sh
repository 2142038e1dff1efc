#!/usr/bin/env bash
# Builds Gridlock in all flavours, with the targets of a folder beside its own. Installs what is missing, as root or
# where nothing is.
#
# usage: ci/github/build.sh [--targets FOLDER]   FOLDER: one that holds targets (docs/ADDING_A_TARGET.md)
set -euo pipefail

targets=''
case "${1:-}" in
  "") ;;
  --targets) targets=$(realpath "${2:?a folder belongs to --targets}") ;;
  *)
    sed -n '/^# usage:/p' "$0" | sed 's/^# //' >&2
    exit 2
    ;;
esac

cd "$(dirname "$0")/../.."
ci/install --tests
cmake --preset release -DGRIDLOCK_TARGET_DIRS="$targets"
cmake --build --preset release --target gridlock gridlock-tsan gridlock-asan
