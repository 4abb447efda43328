/// A bash script that completes commands, options, choices and paths.
struct BashCompletion {
  let program: Program

  var script: String {
    let names = program.commands.filter { !$0.isHidden }.map(\.name).joined(separator: " ")
    var text = """
      # bash completion for martlet: source <(martlet completion bash)
      _martlet() {
        local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        COMPREPLY=()
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(names) help --help --version" -- "$word"))
          return
        fi
        local command=${COMP_WORDS[1]}
        case $command in

      """
    for command in program.commands where !command.subcommands.isEmpty {
      let names = command.subcommands.map(\.ownName).joined(separator: " ")
      text += """
            \(command.name)) if [ "$COMP_CWORD" -eq 2 ]; then
              COMPREPLY=($(compgen -W "\(names) --help" -- "$word")); return
            fi
            command="$command ${COMP_WORDS[2]}" ;;

        """
    }
    text += "  esac\n  case \"$command:$previous\" in\n"
    for command in program.allCommands {
      for option in command.options where !option.choices.isEmpty {
        let choices = option.choices.joined(separator: " ")
        text +=
          "    \"\(command.name):--\(option.name)\") COMPREPLY=($(compgen -W \"\(choices)\" -- \"$word\")); return ;;\n"
      }
    }
    text += "  esac\n  case \"$command\" in\n"
    for command in program.allCommands where !command.isHidden {
      let options = (command.options.map { "--\($0.name)" } + ["--help"]).joined(separator: " ")
      text +=
        "    \"\(command.name)\") [[ $word == -* ]] && COMPREPLY=($(compgen -W \"\(options)\" -- \"$word\")) ;;\n"
    }
    text += "    help) COMPREPLY=($(compgen -W \"\(names)\" -- \"$word\")) ;;\n"
    return text + "  esac\n}\ncomplete -o default -F _martlet martlet\n"
  }
}
