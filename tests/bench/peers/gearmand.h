// Foreground jobs through a gearmand, which keeps them in memory.
#pragma once

#include <thread>

#include "tests/bench/peers/program.h"
#include "tests/bench/peers/stream.h"
#include "tests/support/temp_dir.h"

namespace yard::bench {

// The client submits and hears of each job's end on one connection; a worker grabs them on another one.
// Threads: one.
class Gearmand {
 public:
  static constexpr std::string_view kProgram = "gearmand";

  Gearmand();
  ~Gearmand();

  // Thousands of jobs a second, `window` of them on their way.
  [[nodiscard]] double jobs_k(int count, int window);

 private:
  void work();

  testing::TempDir folder_;
  std::uint16_t port_ = free_loopback_port();
  Program program_;
  Stream client_;
  Stream worker_stream_;
  std::jthread worker_;
};

}  // namespace yard::bench
