#!/usr/bin/env bash
# Stands in for the programs that the blocks of the documentation call and that
# a test may not run as they are: those that need root, a network, systemd or
# Docker, and the go command, which would build everything anew. It refuses what
# the program would refuse for what can be seen here: files and folders that are
# not there, units and tests that do not exist, commands and options that the
# documentation has no reason to use.
set -euo pipefail
name=$(basename "$0")
refuse() { echo "$name: $*" >&2; exit 64; }
need() { for f in "$@"; do [[ -e $f ]] || refuse "$f does not exist"; done; }

# go_test checks that the packages are there, that -run names a test of one of
# them, and that they define the other flags.
go_test() {
  local packages=() run='' flags=()
  while (($#)); do
    case $1 in
    -run) run=$2; shift ;;
    -bench | -benchtime | -timeout) shift ;;
    -v | -race) ;;
    -beside | -phones | -program) flags+=("${1#-}"); shift ;;
    -*) flags+=("${1#-}") ;;
    *) packages+=("$1") ;;
    esac
    shift
  done
  local folders=("${packages[@]%/...}")
  need "${folders[@]}"
  if [[ -n $run && $run != '^$' ]]; then
    grep -rqsE "^func (Test|Fuzz|Benchmark)[A-Za-z_]*${run#Test}" --include='*_test.go' "${folders[@]/%//}" || refuse "no test is called $run"
  fi
  for flag in "${flags[@]}"; do
    grep -rqsE "flag\.[A-Za-z]+\((&[a-z]+, )?\"$flag\"" --include='*.go' "${folders[@]/%//}" || refuse "no package there has the flag -$flag"
  done
}

case $name in
sudo)
  [[ $1 != -u ]] || { [[ $2 == goals-bot ]] || refuse "there is no user $2"; shift 2; }
  exec "$@"
  ;;
go)
  case $1 in
  test) shift; go_test "$@" ;;
  build)
    need "${@: -1}/main.go"
    for ((i = 1; i < $#; i++)); do
      [[ ${!i} == -o ]] || continue
      output=$((i + 1))
      printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v bot)" >"${!output}"
    done
    ;;
  run)
    need "$2/main.go"
    exec bot help "${@:3}"
    ;;
  *) refuse "what does go $1 do there?" ;;
  esac
  ;;
install)
  options=()
  while [[ $1 == -* ]]; do
    case $1 in
    -o) [[ $2 == goals-bot ]] || refuse "there is no user $2"; shift 2 ;;
    -m) options+=("$1" "$2"); shift 2 ;;
    -d) options+=("$1"); shift ;;
    *) refuse "no option $1" ;;
    esac
  done
  exec /usr/bin/install "${options[@]}" "$@"
  ;;
systemd-sysusers) need "$ROOT/usr/lib/sysusers.d/$1" ;;
systemctl | journalctl)
  [[ " $* " == *' daemon-reload '* || " $* " == *' goals-bot '* ]] || refuse "no unit of ours in: $*"
  ;;
dpkg) [[ $1 == -i && $2 =~ ^goals-bot_[0-9.]+_(amd64|arm64)\.deb$ ]] || refuse "no such package: $*" ;;
chown) [[ $1 == 65532 ]] && need "${@:2}" ;;
apt-get) [[ $1 == install ]] || refuse "$*" ;;
docker)
  compose=compose.yaml
  if [[ "$1 $2" == 'compose -f' ]]; then
    compose=$3
    set -- compose "${@:4}"
  fi
  case "$1 $2" in
  'compose up' | 'compose logs' | 'compose run' | 'compose stop' | 'compose exec') need "$compose" ;;
  'build -t' | 'buildx build') need "${@: -1}/Dockerfile" ;;
  'buildx imagetools' | 'logs goals-bot') ;;
  'run '*)
    [[ " $* " != *' -e TELEGRAM_BOT_TOKEN '* || -n ${TELEGRAM_BOT_TOKEN-} ]] || refuse 'TELEGRAM_BOT_TOKEN is not set'
    [[ " $* " == *' goals-bot '* || " $* " == *' busybox '* || ${*: -1} == goals-bot ]] || refuse "no image of ours in: $*"
    ;;
  *) refuse "$*" ;;
  esac
  ;;
*) refuse 'no such stand-in' ;;
esac
