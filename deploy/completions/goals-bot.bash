# Made by go test ./bot -run TestManual -update.
_goals_bot() {
  local word=${COMP_WORDS[COMP_CWORD]}
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W 'run demo check backup restore repair move version help' -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]} in
    run) COMPREPLY=($(compgen -W '--profile' -- "$word")) ;;
    check) COMPREPLY=($(compgen -W '--json' -- "$word")) ;;
    restore) COMPREPLY=($(compgen -W '--backup' -- "$word")) ;;
    move) COMPREPLY=($(compgen -W '--to --to-file' -- "$word")) ;;
    help) COMPREPLY=($(compgen -W 'run demo check backup restore repair move version help' -- "$word")) ;;
  esac
}
complete -o default -F _goals_bot goals-bot
