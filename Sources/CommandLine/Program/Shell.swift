/// A shell that can complete martlet's command lines.
///
/// The scripts only hand the words of the line to `martlet __complete` and its answer to the shell, so that they are
/// always those of the program that is installed. The answer is a word a line, behind a tab what it means, and at the
/// end `:files`, `:folders` or `:none`, what the shell is to complete where no word fits.
enum Shell: String, CaseIterable, Sendable {
  case bash, zsh, fish

  /// The script that makes this shell complete martlet.
  var completionScript: String {
    switch self {
    case .bash: Self.bashScript
    case .zsh: Self.zshScript
    case .fish: Self.fishScript
    }
  }

  private static let bashScript = #"""
    # bash completion for martlet: source <(martlet completion bash)
    _martlet() {
      local token line head= joins= i
      local -a words=() lines=()
      # Bash divides words at = and :, the program does not.
      for ((i = 1; i <= COMP_CWORD; i++)); do
        token=${COMP_WORDS[i]}
        if [[ -n $joins || ( ${#words[@]} -gt 0 && $token == [=:]* ) ]]; then
          head=${words[-1]}
          words[-1]+=$token
        else
          head=
          words+=("$token")
        fi
        [[ $token == [=:] ]] && joins=1 || joins=
      done
      [[ -n $joins ]] && head=${words[-1]}
      mapfile -t lines < <("${COMP_WORDS[0]/#\~/$HOME}" __complete -- "${words[@]}" 2>/dev/null)
      COMPREPLY=()
      for line in "${lines[@]}"; do
        case $line in
          :files) compopt -o default ;;
          :folders) compopt -o dirnames ;;
          :*) ;;
          *) line=${line%%$'\t'*}; COMPREPLY+=("${line#"$head"}") ;;
        esac
      done
    }
    complete -o nosort -F _martlet martlet

    """#

  private static let zshScript = #"""
    #compdef martlet
    # zsh completion for martlet: source <(martlet completion zsh), after compinit; or save it as _martlet in a folder
    # of $fpath.
    _martlet() {
      local line paths=none
      local -a candidates
      while IFS= read -r line; do
        case $line in
          :*) paths=${line#:} ;;
          *) line=${line//:/\\:}; candidates+=("${line/$'\t'/:}") ;;
        esac
      done < <("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
      if (( $#candidates )); then
        _describe -V martlet candidates
      elif [[ $paths == files ]]; then
        _files
      elif [[ $paths == folders ]]; then
        _files -/
      else
        return 1
      fi
    }
    if [[ ${funcstack[1]} == _martlet ]]; then
      _martlet "$@"
    else
      compdef _martlet martlet
    fi

    """#

  private static let fishScript = #"""
    # fish completion for martlet: martlet completion fish | source
    function __martlet_complete
        set -l words (commandline -opc)
        set -l word (commandline -ct)
        set -l program (string replace -r '^~' $HOME -- $words[1])
        for line in ($program __complete -- $words[2..-1] "$word" 2>/dev/null)
            switch $line
                case ':files'
                    __fish_complete_path $word
                case ':folders'
                    __fish_complete_directories $word
                case ':none'
                case '*'
                    echo $line
            end
        end
    end
    complete -c martlet -f -k -a '(__martlet_complete)'

    """#
}
