// What all commands share: how to print, whom to talk to, how to fail.
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "clients/core/client.h"
#include "engine/base/result.h"

namespace yard::cli {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// Why a command ended, and with what.
struct Failure {
  Failure(Error cause, int exit_code = kExitFailed)
      : error(std::move(cause)), exit(exit_code) {}  // NOLINT: by intention

  Error error;
  int exit;
};

using Outcome = std::expected<void, Failure>;

[[nodiscard]] inline std::unexpected<Failure> usage_failure(std::string message, std::string pointer = {}) {
  return std::unexpected(Failure(
      {.code = ErrorCode::kBadRequest, .message = std::move(message), .pointer = std::move(pointer)}, kExitUsage));
}

// Threads: the main one.
class Context {
 public:
  bool json = false;
  std::string endpoint;             // empty: the default one
  std::function<Outcome()> action;  // what the command line chose

  // Whether the streams are terminals that take colours and moving bars.
  [[nodiscard]] bool is_output_terminal() const { return is_output_terminal_; }
  [[nodiscard]] bool is_error_terminal() const { return is_error_terminal_; }

  Context();

  // Connected on first use.
  [[nodiscard]] Result<client::Client*> connect();

 private:
  std::unique_ptr<client::Client> client_;
  bool is_output_terminal_;
  bool is_error_terminal_;
};

// A subcommand with --json and --endpoint, and examples below its help.
CLI::App* add_command(CLI::App& app, Context& context, const std::string& name, const std::string& description,
                      const std::string& examples);

// One line on stderr, and a second one where there is advice.
void print_error(const Error& error);

}  // namespace yard::cli
