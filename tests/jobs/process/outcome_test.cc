#include "jobs/executors/process/outcome.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace yard::jobs {
namespace {

constexpr int exit_status(int status) { return status << 8; }

std::string failure(const Ending& ending, const CommandSpec& spec = {}) {
  const auto outcome = outcome_of(ending, spec);
  return outcome ? "succeeded" : to_string(outcome.error());
}

TEST(Outcome, ABrokenProtocolComesFirst) {
  const Error fault{.code = ErrorCode::kToolFailed, .message = "a line"};
  EXPECT_EQ(failure({.wait_status = SIGKILL,
                     .stop_asked = true,
                     .term_sent = true,
                     .kill_sent = true,
                     .fault = fault,
                     .error = Error{.message = "own"},
                     .result = "\x80"}),
            "tool_failed: a line");
}

TEST(Outcome, AStopSaysHow) {
  EXPECT_EQ(failure({.wait_status = SIGTERM, .stop_asked = true, .term_sent = true}), "cancelled: stopped by SIGTERM");
  EXPECT_EQ(failure({.wait_status = SIGKILL, .stop_asked = true, .term_sent = true, .kill_sent = true}),
            "cancelled: stopped by SIGKILL after 2000 ms");
  EXPECT_EQ(failure({.wait_status = exit_status(1),
                     .stop_asked = true,
                     .term_sent = true,
                     .error = Error{.message = "as asked"}}),
            "cancelled: stopped by SIGTERM; it said: as asked");
}

TEST(Outcome, AfterAStopOnlyAResultIsSuccess) {
  EXPECT_EQ(failure({.stop_asked = true, .term_sent = true, .result = "\x80"}), "succeeded");
  EXPECT_EQ(failure({.stop_asked = true, .term_sent = true}), "cancelled: stopped by SIGTERM");
  EXPECT_EQ(failure({.wait_status = exit_status(1), .stop_asked = true, .term_sent = true, .result = "\x80"}),
            "cancelled: stopped by SIGTERM");
}

TEST(Outcome, AResultOfWhoFailedIsNone) {
  EXPECT_EQ(failure({.wait_status = exit_status(1), .result = "\x80"}), "tool_failed: exited with status 1");
  EXPECT_EQ(failure({.error = Error{.code = ErrorCode::kNotFound, .message = "m"}, .result = "\x80"}), "not_found: m");
}

TEST(Outcome, SignalsAreNamedAndTheLimitsBehindThem) {
  CommandSpec spec;
  spec.limits = {.cpu_seconds = 3, .file_bytes = 10};
  EXPECT_EQ(failure({.wait_status = SIGXCPU}, spec), "tool_failed: killed by SIGXCPU: its limit of 3 s of CPU time");
  EXPECT_EQ(failure({.wait_status = SIGXFSZ}, spec), "tool_failed: killed by SIGXFSZ: its limit of 10 bytes a file");
  EXPECT_EQ(failure({.wait_status = SIGKILL, .cpu = std::chrono::seconds(4)}, spec),
            "tool_failed: killed by SIGKILL: its limit of 3 s of CPU time");
  EXPECT_EQ(failure({.wait_status = SIGKILL, .cpu = std::chrono::seconds(1)}, spec),
            "worker_lost: killed by SIGKILL: not by the broker; the machine may be out of memory");
  EXPECT_EQ(failure({.wait_status = SIGXCPU}), "worker_lost: killed by SIGXCPU") << "no limit of ours";
  EXPECT_EQ(failure({.wait_status = SIGRTMAX}), "worker_lost: killed by signal " + std::to_string(SIGRTMAX));
}

TEST(Outcome, StderrIsOneLineWithoutControls) {
  EXPECT_EQ(failure({.wait_status = exit_status(2), .stderr_tail = "\none\n\ntwo\x1b[m\n"}),
            "tool_failed: exited with status 2; stderr: one | two?[m");
}

}  // namespace
}  // namespace yard::jobs
