#include "clients/cli/context.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "clients/cli/output.h"

namespace yard::cli {
namespace {

std::string_view advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable: return "is a broker running? start one with: switchyard serve";
    case ErrorCode::kUnknownTool: return "list the tools with: switchyard tools";
    case ErrorCode::kInvalidArguments: return "see what the tool takes with: switchyard tools NAME";
    case ErrorCode::kQueueFull:
    case ErrorCode::kOverQuota: return "try again in a moment; see what is on its way with: switchyard jobs";
    default: return "";
  }
}

bool is_terminal(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
}

}  // namespace

Context::Context() : is_output_terminal_(is_terminal(STDOUT_FILENO)), is_error_terminal_(is_terminal(STDERR_FILENO)) {}

Result<client::Client*> Context::connect() {
  if (client_ == nullptr) {
    YARD_TRY(client_, client::Client::connect({.requests = endpoint, .name = "switchyard cli"}));
  }
  return client_.get();
}

CLI::App* add_command(CLI::App& app, Context& context, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_flag("--json", context.json, "Print JSON, for programs");
  command->add_option("--endpoint", context.endpoint, "The broker's requests endpoint")->envname("SWITCHYARD_ENDPOINT");
  command->footer("\nExamples:\n" + examples);
  return command;
}

void print_error(const Error& error) {
  std::fprintf(stderr, "switchyard: %s\n", one_line(to_string(error)).c_str());
  if (const std::string_view hint = advice(error.code); !hint.empty())
    std::fprintf(stderr, "hint: %.*s\n", static_cast<int>(hint.size()), hint.data());
}

}  // namespace yard::cli
