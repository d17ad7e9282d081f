// Jobs through two lists of a Redis server that syncs its log before it acknowledges.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "tests/bench/peers/program.h"
#include "tests/bench/peers/stream.h"
#include "tests/support/temp_dir.h"

namespace yard::bench {

// The client pushes each job, a worker pops what there is and pushes each result, the client pops what there is.
// Threads: one.
class Redis {
 public:
  static constexpr std::string_view kProgram = "redis-server";

  Redis();
  ~Redis();

  // Thousands of jobs a second, `window` of them on their way.
  [[nodiscard]] double jobs_k(int count, int window);

 private:
  void work();
  void submit();
  void take_result();

  testing::TempDir folder_;
  Program program_;
  Stream pushes_;
  Stream pops_;
  Stream worker_stream_;
  int unacknowledged_ = 0;   // pushed, and the reply not read
  std::size_t results_ = 0;  // popped, and not taken
  std::jthread worker_;
};

}  // namespace yard::bench
