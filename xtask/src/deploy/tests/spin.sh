#!/bin/sh
# Answers as `spin cloud` does and keeps an account in the folder it stands in.
here=$(dirname "$0")
echo "$*" >>"$here/calls"
if [ -f "$here/fail" ]; then
  case "$*" in *"$(cat "$here/fail")"*) echo "the network is down" >&2; exit 1 ;; esac
fi
case "$2 $3" in
"--version ") echo "spin-cloud 0.11.0" ;;
"variables list")
  if [ -f "$here/deployed" ]; then cat "$here/deployed"; else echo "Could not find app_id for app $5" >&2; exit 1; fi ;;
"sqlite list") if [ -f "$here/database" ]; then cat "$here/database"; else echo "No databases"; fi ;;
"sqlite create") echo "[{\"database\":\"$4\",\"links\":[]}]" >"$here/database" ;;
"sqlite execute") test -s "${5#@}" ;;
"deploy "*)
  shift 2
  for word in "$@"; do case "$word" in *=*) echo "${word%%=*}" >>"$here/deployed" ;; esac; done ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac
