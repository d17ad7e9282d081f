// completion: a script for the shell.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"

namespace yard::cli {
namespace {

// Between head and middle stand the commands, then what some of them have below. Options come from each one's own help.
constexpr std::string_view kBashHead = R"bash(# bash completion for switchyard
# Load it with: source <(switchyard completion bash)
_switchyard() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  local commands=")bash";
constexpr std::string_view kBashMiddle = R"bash("
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
  elif [[ $current == -* ]]; then
    local options
    options=$(switchyard "$command" --help 2>/dev/null | grep -oE '(^| )--[a-z][a-z-]*')
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == call || $command == cast || $command == tools ]]; then
    COMPREPLY=($(compgen -W "$(switchyard tools --names 2>/dev/null)" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == completion ]]; then
    COMPREPLY=($(compgen -W "bash" -- "$current"))
)bash";
constexpr std::string_view kBashTail = R"bash(  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _switchyard switchyard
)bash";

std::string commands_of(const CLI::App& app) {
  std::string commands;
  for (const CLI::App* command : app.get_subcommands({}))
    commands += (commands.empty() ? "" : " ") + command->get_name();
  return commands;
}

std::string bash_script(const CLI::App& app) {
  std::string below;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string names = commands_of(*command);
    if (names.empty()) continue;
    below += "  elif ((COMP_CWORD == 2)) && [[ $command == " + command->get_name() +
             " ]]; then\n    COMPREPLY=($(compgen -W \"" + names + "\" -- \"$current\"))\n";
  }
  return std::string(kBashHead) + commands_of(app) + std::string(kBashMiddle) + below + std::string(kBashTail);
}

}  // namespace

void add_completion_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "completion", "Print a completion script for the shell",
                                  "  source <(switchyard completion bash)\n");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->callback([&app, &context, shell] {  // the option writes to `shell`, so it must stay
    // Made now: the action runs when the parser and its commands are gone.
    context.action = [script = bash_script(app), &context]() -> Outcome {
      print(context.json ? compact({{"shell", "bash"}, {"script", script}}) + "\n" : script);
      return {};
    };
  });
}

}  // namespace yard::cli
