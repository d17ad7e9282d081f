// completion: a script for the shell.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/output.h"

namespace yard::cli {
namespace {

// Between head and tail stand the commands. Options come from each command's own help.
constexpr std::string_view kBashHead = R"bash(# bash completion for switchyard
# Load it with: source <(switchyard completion bash)
_switchyard() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  local commands=")bash";
constexpr std::string_view kBashTail = R"bash("
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
  elif [[ $current == -* ]]; then
    local options
    options=$(switchyard "$command" --help 2>/dev/null | grep -oE '(^| )--[a-z][a-z-]*')
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == call || $command == cast || $command == tools ]]; then
    COMPREPLY=($(compgen -W "$(switchyard tools --names 2>/dev/null)" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == admin ]]; then
    COMPREPLY=($(compgen -W "pause resume purge drain audit" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == schedule ]]; then
    COMPREPLY=($(compgen -W "add list show remove" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == graph ]]; then
    COMPREPLY=($(compgen -W "check inspect" -- "$current"))
  elif ((COMP_CWORD == 2)) && [[ $command == completion ]]; then
    COMPREPLY=($(compgen -W "bash" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _switchyard switchyard
)bash";

std::string bash_script(const CLI::App& app) {
  std::string commands;
  for (const CLI::App* command : app.get_subcommands({}))
    commands += (commands.empty() ? "" : " ") + command->get_name();
  return std::string(kBashHead) + commands + std::string(kBashTail);
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
