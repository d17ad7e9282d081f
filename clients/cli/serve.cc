// serve, bench: commands that are programs of their own.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/siblings.h"

namespace yard::cli {
namespace {

constexpr const char* kServeExamples =
    "  switchyard serve\n"
    "  switchyard serve --state /var/lib/switchyard --read-root /srv/music\n"
    "  switchyard serve --listen tcp://127.0.0.1:5580 --iopub tcp://127.0.0.1:5581 --control tcp://127.0.0.1:5583\n"
    "\n"
    "Runs until Ctrl-C, SIGTERM or switchyard drain; running jobs get their grace.\n";

Outcome serve(const std::vector<std::string>& arguments) {
  const auto path = find_sibling("switchyard-broker");
  if (!path) {
    return std::unexpected(Failure({.code = ErrorCode::kNotFound,
                                    .message = "switchyard-broker is neither beside switchyard nor in "
                                               "../libexec/switchyard; install both"}));
  }
  YARD_TRY_STATUS(become(*path, arguments));
  return {};
}

Outcome bench(const std::vector<std::string>& arguments) {
  const auto path = find_sibling("switchyard-bench");
  if (!path) {
    return std::unexpected(Failure({.code = ErrorCode::kNotFound,
                                    .message = "switchyard-bench is not beside switchyard; it is built with the "
                                               "tests: cmake --preset release -DYARD_TESTS=ON"}));
  }
  YARD_TRY_STATUS(become(*path, arguments));
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("serve", "Run a broker");
  command->footer(std::string("\nExamples:\n") + kServeExamples);
  const auto arguments = std::make_shared<std::vector<std::string>>();
  for (const auto& [name, description] :
       {std::pair("--config", "TOML file"),
        {"--state", "Folder for artifacts and jobs"},
        {"--listen,--endpoint", "Endpoint for requests: ipc:///folder/name, or tcp://127.0.0.1:5580"},
        {"--iopub", "Endpoint for events"},
        {"--control", "Endpoint for control"},
        {"--read-root", "Folder that file tools may read below; repeatable"},
        {"--threads", "Threads of the executor"},
        {"--log-level", "debug, info, warn or error"}}) {
    const std::string option(name);
    const std::string passed = option.substr(0, option.find(','));
    command
        ->add_option_function<std::vector<std::string>>(
            option,
            [arguments, passed](const std::vector<std::string>& values) {
              for (const std::string& value : values) arguments->insert(arguments->end(), {passed, value});
            },
            description)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  command->add_flag_callback(
      "--json", [&context] { context.json = true; }, "Taken for the other commands' sake; the broker logs text");
  command->callback([&context, arguments] { context.action = [arguments] { return serve(*arguments); }; });
}

void add_bench_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("bench", "Run the benchmarks (switchyard-bench)");
  command->footer("\nExamples:\n  switchyard bench\n  switchyard bench -- --help\n");
  command->prefix_command();
  command->callback([&context, command] {
    context.action = [command] {
      std::vector<std::string> arguments = command->remaining();
      if (!arguments.empty() && arguments.front() == "--") arguments.erase(arguments.begin());
      return bench(arguments);
    };
  });
}

}  // namespace yard::cli
