// serve, bench, sim: commands that are programs of their own.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/siblings.h"

namespace yard::cli {
namespace {

constexpr const char* kServeExamples =
    "  switchyard serve\n"
    "  switchyard serve --state /var/lib/switchyard --read-root /srv/music\n"
    "  switchyard serve --listen tcp://127.0.0.1:5580 --iopub tcp://127.0.0.1:5581 --control tcp://127.0.0.1:5583 \\\n"
    "      --workers tcp://127.0.0.1:5582\n"
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

// A program that is built with the tests.
Outcome run_sibling(const std::string& name, const std::vector<std::string>& arguments) {
  const auto path = find_sibling(name);
  if (!path) {
    return std::unexpected(Failure({.code = ErrorCode::kNotFound,
                                    .message = name + " is not beside switchyard; it is built with the tests: "
                                                      "cmake --preset release -DYARD_TESTS=ON"}));
  }
  YARD_TRY_STATUS(become(*path, arguments));
  return {};
}

void add_sibling_command(CLI::App& app, Context& context, const std::string& name, const std::string& description,
                         const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("\nExamples:\n" + examples);
  command->prefix_command();
  command->callback([&context, command, name] {
    context.action = [command, name] {
      std::vector<std::string> arguments = command->remaining();
      if (!arguments.empty() && arguments.front() == "--") arguments.erase(arguments.begin());
      return run_sibling("switchyard-" + name, arguments);
    };
  });
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
        {"--workers", "Endpoint for remote workers; by default beside the requests'"},
        {"--read-root", "Folder that file tools may read below; repeatable"},
        {"--threads", "Threads of the executor"},
        {"--log", "Where jobs are kept: journal, in the state folder, or memory"},
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

void add_development_commands(CLI::App& app, Context& context) {
  add_sibling_command(app, context, "bench", "Run the benchmarks (switchyard-bench)",
                      "  switchyard bench\n  switchyard bench -- --help\n");
  add_sibling_command(
      app, context, "sim", "Run the broker's core under simulated faults (switchyard-sim)",
      "  switchyard sim --seed 42\n  switchyard sim --seed 1 --seeds 5000\n  switchyard sim -- --help\n");
}

}  // namespace yard::cli
