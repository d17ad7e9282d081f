// The demonstration's timeline: what happened when, and how long each class of dispatch took.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace yard::cli {

struct Moment {
  std::string verb;
  std::string tool;
  std::string dispatch;  // the class: "immediate", "short job" and so on
  std::string outcome;
  double latency_ms = -1;  // negative: none to tell
};

// Threads: one.
class Timeline {
 public:
  explicit Timeline(bool quiet) : quiet_(quiet) {}

  // Prints it at once, at its offset, and counts its latency under its class.
  void add(Moment moment);

  [[nodiscard]] std::string latency_table() const;
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  struct Entry {
    double offset_ms;
    Moment moment;
  };

  bool quiet_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<Entry> entries_;
  std::vector<std::pair<std::string, std::vector<double>>> latencies_;  // by class, in order of appearance
};

// Milliseconds since it was made.
class Stopwatch {
 public:
  [[nodiscard]] double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace yard::cli
