// What the tests of ProcessExecutor share: a sink that can refuse, and an executor over real programs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/pack.h"
#include "jobs/executors/process/process_executor.h"

namespace yard::jobs {

inline JobId job_id(std::uint8_t number) {
  Uuid id;
  id.octets[15] = number;
  return JobId(id);
}

// Keeps what it takes. Waits end with a failure after a minute, which nothing here needs.
class Inbox final : public ReportSink {
 public:
  using Reports = std::vector<Report>;
  using Refuse = std::function<bool(const Report&)>;

  void push(Report&&) override { ADD_FAILURE() << "push() may block, and the monitor must not"; }

  [[nodiscard]] bool try_push(Report&& report) override {
    const std::lock_guard lock(mutex_);
    if (refuse_ && refuse_(report)) {
      ++refused_;
      changed_.notify_all();
      return false;
    }
    seen_.push_back(std::move(report));
    changed_.notify_all();
    return true;
  }

  void refuse(Refuse refuse) {
    const std::lock_guard lock(mutex_);
    refuse_ = std::move(refuse);
  }

  // All reports so far, once `done` says so of them.
  Reports until(const std::function<bool(const Reports&)>& done) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] { return done(seen_); })) << "nothing came";
    return seen_;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    seen_.clear();
  }

  void until_refused(int times) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] { return refused_ >= times; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Reports seen_;
  Refuse refuse_;
  int refused_ = 0;
};

inline bool is_finished(const Report& report) { return std::holds_alternative<Finished>(report.what); }

inline std::ptrdiff_t count_finished(const Inbox::Reports& reports) {
  return std::ranges::count_if(reports, is_finished);
}

inline CommandSpec command(std::vector<std::string> argv) {
  CommandSpec spec;
  spec.argv = std::move(argv);
  return spec;
}
inline CommandSpec shell(std::string script) { return command({"/bin/sh", "-c", std::move(script)}); }
inline CommandSpec python(std::string program) {
  return command({"/usr/bin/python3", "-I", "-c", "import json, os, signal, sys, time\n" + std::move(program)});
}

class ProcessFixture : public testing::Test {
 protected:
  // Declares `tool`; before start().
  void declare(const std::string& tool, CommandSpec spec) { commands_[tool] = std::move(spec); }

  ProcessExecutor& executor() {
    if (!executor_) {
      const auto find = [this](std::string_view tool) -> const CommandSpec* {
        const auto found = commands_.find(std::string(tool));
        return found == commands_.end() ? nullptr : &found->second;
      };
      executor_ = std::make_unique<ProcessExecutor>(slots_, find, inbox_, clock_);
    }
    return *executor_;
  }

  void start(std::uint8_t number, const std::string& tool = "tool", Bytes arguments = {}) {
    std::vector<Work> work(1);
    work[0].id = job_id(number);
    work[0].fence = number;
    work[0].tool = tool;
    work[0].arguments = std::move(arguments);
    executor().start(work);
    EXPECT_TRUE(work.empty());
  }

  // The reports of job `number`, from its first to its Finished.
  Inbox::Reports until_finished(std::uint8_t number) {
    const auto is_of = [number](const Report& report) { return report.id == job_id(number); };
    auto reports = inbox_.until([&](const Inbox::Reports& seen) {
      return std::ranges::any_of(seen, [&](const Report& report) { return is_of(report) && is_finished(report); });
    });
    std::erase_if(reports, [&](const Report& report) { return !is_of(report); });
    return reports;
  }

  // Runs `spec` as job 1 to its end.
  Finished run(CommandSpec spec, Bytes arguments = {}) {
    declare("tool", std::move(spec));
    start(1, "tool", std::move(arguments));
    return last(until_finished(1));
  }

  // The message of the first line that job `number` logs.
  std::string until_logged(std::uint8_t number) {
    std::string message;
    inbox_.until([&](const Inbox::Reports& seen) {
      for (const Report& report : seen) {
        const auto* log = std::get_if<Logged>(&report.what);
        if (log == nullptr || report.id != job_id(number)) continue;
        message = log->message;
        return true;
      }
      return false;
    });
    return message;
  }

  static Finished last(const Inbox::Reports& reports) {
    if (reports.empty() || !is_finished(reports.back())) return {.outcome = fail(ErrorCode::kInternal, "no Finished")};
    return std::get<Finished>(reports.back().what);
  }

  // The result's value at `key`; a failure's message instead, so that it is seen.
  static std::string text(const Finished& finished, std::string_view key) {
    if (!finished.outcome) return "failed: " + finished.outcome.error().message;
    return std::string(PackView(*finished.outcome).find(key).string_or("no text at " + std::string(key)));
  }

  static std::string message(const Finished& finished) {
    return finished.outcome ? "succeeded" : finished.outcome.error().message;
  }

  std::size_t slots_ = 4;
  SystemClock clock_;
  Inbox inbox_;
  std::map<std::string, CommandSpec> commands_;
  std::unique_ptr<ProcessExecutor> executor_;  // the last, so that it goes first
};

}  // namespace yard::jobs
