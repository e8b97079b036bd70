#!/bin/sh
# Answers as wrangler 4.86 does and keeps an account in the folder it stands in: calls, database, namespace, secrets, versions.
here=$(dirname "$0")
echo "$*" >>"$here/calls"
if [ -f "$here/fail" ]; then
  case "$*" in *"$(cat "$here/fail")"*) echo "the network is down" >&2; exit 1 ;; esac
fi
option() { # the value behind an option
  wanted=$1; shift
  while [ $# -gt 0 ]; do [ "$1" = "$wanted" ] && echo "$2" && return; shift; done
}
name_in() { sed -n 's/^  "name": "\(.*\)",*$/\1/p' "$1"; }
entries() { # a list of JSON from a file of lines, or an empty one
  if [ -f "$1" ]; then echo "[$(paste -sd, "$1")]"; else echo "[]"; fi
}
case "$1 $2" in
"whoami --json") cat "$here/accounts" ;;
"d1 list") entries "$here/d1" ;;
"d1 create") echo "{\"uuid\":\"the-database-id\",\"name\":\"$3\"}" >>"$here/d1" ;;
"d1 migrations")
  if [ -f "$here/migrated" ]; then echo "✅ No migrations to apply!"; else touch "$here/migrated"; echo "0001_frame.sql ✅"; fi ;;
"kv namespace")
  if [ "$3" = list ]; then entries "$here/kv"; else echo "{\"id\":\"the-namespace-id\",\"title\":\"$4\"}" >>"$here/kv"; fi ;;
"secret list")
  name=$(option --name "$@")
  if [ ! -d "$here/$name" ]; then echo "Worker \"$name\" not found." >&2; exit 1; fi
  entries "$here/$name/secrets" ;;
"secret put")
  worker="$here/$(name_in "$(option -c "$@")")"
  mkdir -p "$worker"
  cat >"$worker/value-of-$3"
  grep -q "\"$3\"" "$worker/secrets" 2>/dev/null || echo "{\"name\":\"$3\",\"type\":\"secret_text\"}" >>"$worker/secrets"
  "$0" note "$worker" "" secret ;;
"deployments list"|"versions list")
  name=$(option --name "$@")
  if [ ! -d "$here/$name" ]; then echo "This Worker does not exist on your account." >&2; exit 1; fi
  entries "$here/$name/$1" ;;
"note "*)
  number=$(($(cat "$2/versions" 2>/dev/null | wc -l) + 1))
  tag=${3:+\"workers/tag\":\"$3\",}
  echo "{\"id\":\"v$number\",\"number\":$number,\"annotations\":{$tag\"workers/triggered_by\":\"$4\"}}" >>"$2/versions"
  echo "{\"created_on\":\"2026-01-01T00:00:0$number\",\"versions\":[{\"version_id\":\"v$number\",\"percentage\":100}]}" >>"$2/deployments" ;;
"deploy "*)
  case "$*" in *--dry-run*) exit 0 ;; esac
  worker="$here/$(name_in "$(option -c "$@")")"
  mkdir -p "$worker"
  cp "$(option -c "$@")" "$worker/config"
  "$0" note "$worker" "$(option --tag "$@")" upload
  if [ -f "$here/fail-late" ]; then rm "$here/fail-late"; echo "the clock was not set" >&2; exit 1; fi
  touch "$worker/triggers" ;;
"triggers deploy") touch "$here/$(name_in "$(option -c "$@")")/triggers" ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac
