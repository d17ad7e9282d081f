// Jobs through two tubes of a beanstalkd.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "tests/bench/peers/program.h"
#include "tests/bench/peers/stream.h"
#include "tests/support/temp_dir.h"

namespace yard::bench {

// The client puts each job, a worker reserves what there is, puts each result and deletes the job; the client
// reserves and deletes the results.
// Threads: one.
class Beanstalkd {
 public:
  static constexpr std::string_view kProgram = "beanstalkd";

  enum class Log : std::uint8_t { kNone, kSynced };

  explicit Beanstalkd(Log log);
  ~Beanstalkd();

  // Thousands of jobs a second, `window` of them on their way.
  [[nodiscard]] double jobs_k(int count, int window);

  // MiB by which `count` jobs that nobody takes let the server grow.
  [[nodiscard]] double queued_mib(int count);

 private:
  void work();
  void take_result();
  void read_acknowledgements();

  testing::TempDir folder_;
  Program program_;
  Stream puts_;
  Stream results_stream_;
  Stream worker_stream_;
  int unacknowledged_ = 0;   // put, and the reply not read
  std::size_t results_ = 0;  // reserved, and not taken
  std::jthread worker_;
};

}  // namespace yard::bench
