// Poller: what the loop sleeps on.
#pragma once

#include <array>

#include "engine/base/clock.h"

namespace yard::broker {

// Descriptors to wait for, ZeroMQ's ZMQ_FD among them: one system call a wait, where zmq_poll needs
// several a socket.
//
// A ZMQ_FD says that its socket has commands to process, not that it can be read. Whoever waits must have
// received until nothing came, and sent nothing since: sending processes commands too, and may take away
// the very signal that would have ended the wait.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd);
  void remove(int fd);

  // Waits until one of them is readable, at most `timeout` (rounded up to milliseconds).
  void wait(Nanos timeout);

  // Whether `fd` ended the last wait.
  [[nodiscard]] bool ready(int fd) const;

 private:
  static constexpr int kReadyMax = 8;

  int epoll_;
  int ready_count_ = 0;
  std::array<int, kReadyMax> ready_{};
};

}  // namespace yard::broker
