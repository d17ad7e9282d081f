// A broker of one's own, for as long as it is needed.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace yard::cli {

// A broker process on tcp ports of its choice, with its state in a new temporary folder. It logs to a
// file in there. It has a process group of its own: Ctrl-C reaches only the parent, which stops it.
//
// Threads: any.
class BrokerChild {
 public:
  // Waits until it serves. Errors: kNotFound (no such program), kUnavailable (not ready in time), kIo.
  [[nodiscard]] static Result<std::unique_ptr<BrokerChild>> start();

  // Stops the broker, reaps it and removes its folder.
  ~BrokerChild();
  BrokerChild(const BrokerChild&) = delete;
  BrokerChild& operator=(const BrokerChild&) = delete;

  [[nodiscard]] const std::string& requests() const { return requests_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  // SIGTERM, then SIGKILL if it is not gone after `patience`; 20 s are more than its grace for running
  // jobs. Again: nothing. Returns its exit status, or -1.
  int stop(Millis patience = std::chrono::seconds(20));

 private:
  BrokerChild() = default;
  Status launch();
  [[nodiscard]] Result<std::string> read_ready_line(int fd) const;
  [[nodiscard]] std::string last_log_line() const;

  std::string folder_;
  std::string requests_;
  pid_t pid_ = -1;
  std::mutex mutex_;
  bool stopped_ = false;
  int exit_status_ = -1;
};

}  // namespace yard::cli
